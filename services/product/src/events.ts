import { allEvents } from '@mart/contracts/events/all-events'
import { StockAvailabilityChanged } from '@mart/contracts/events/inventory-events'
import { SigningKeyRevoked, UserErased, UserPasswordChanged, UserRoleChanged } from '@mart/contracts/events/user-events'
import { handlerTable, onBatch } from '@mart/service-kit/handlers'
import { revokeTokensOn } from '@mart/service-kit/token-revocation'
import { recordAvailability } from './use-cases/record-availability.ts'

export const consumes = () =>
  handlerTable(
    [
      onBatch(StockAvailabilityChanged, (tx, events) =>
        recordAvailability(
          tx,
          events.map((event) => event.data),
        ),
      ),
      ...revokeTokensOn(UserErased, UserRoleChanged, UserPasswordChanged, SigningKeyRevoked),
    ],
    allEvents,
  )
