import { allEvents } from '@mart/contracts/events/all-events'
import { StockAvailabilityChanged } from '@mart/contracts/events/inventory-events'
import { SigningKeyRevoked, UserErased, UserPasswordChanged, UserRoleChanged } from '@mart/contracts/events/user-events'
import { endTokensOn } from '@mart/service-kit/ended-tokens'
import { hearingTable, onBatch } from '@mart/service-kit/hear'
import { recordAvailability } from './use-cases/record-availability.ts'

export const hears = () =>
  hearingTable(
    [
      onBatch(StockAvailabilityChanged, (tx, events) =>
        recordAvailability(
          tx,
          events.map((event) => event.data),
        ),
      ),
      ...endTokensOn(UserErased, UserRoleChanged, UserPasswordChanged, SigningKeyRevoked),
    ],
    allEvents,
  )
