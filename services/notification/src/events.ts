import { allEvents } from '@mart/contracts/events/all-events'
import type { DataOf } from '@mart/contracts/events/define-event'
import { StockAvailabilityChanged, StockLow } from '@mart/contracts/events/inventory-events'
import {
  OrderAddressChanged,
  OrderCancelled,
  OrderClaimed,
  OrderConfirmed,
  OrderDelivered,
  OrderGuestForgotten,
  OrderPlaced,
  OrderShipped,
  OrderUndelivered,
  ReturnApproved,
  ReturnReceived,
  ReturnRefused,
  ReturnRequested,
  ReturnWithdrawn,
} from '@mart/contracts/events/order-events'
import {
  PaymentActionRequired,
  PaymentDisputeClosed,
  PaymentDisputed,
  PaymentRefunded,
  PaymentRefundNeeded,
} from '@mart/contracts/events/payment-events'
import { ProductChanged, ProductPublished, ProductRetired } from '@mart/contracts/events/product-events'
import {
  SigningKeyRevoked,
  UserErased,
  UserPasswordChanged,
  UserProfileChanged,
  UserRegistered,
  UserRoleChanged,
} from '@mart/contracts/events/user-events'
import type { MessageKind } from '@mart/contracts/http/notification-shapes'
import { type ConsumedEvent, handlerTable, on, onBatch } from '@mart/service-kit/handlers'
import type { Transaction } from '@mart/service-kit/postgres'
import type { Service } from '@mart/service-kit/start-service'
import { revokeTokensOn } from '@mart/service-kit/token-revocation'
import type { Config } from './config.ts'
import type { Draft, MessageData, ToldAddress } from './message.ts'
import { learnSkus, learnStock, unlearnSkus } from './stock-alerts/use-cases.ts'
import { erasePerson } from './use-cases/erase-person.ts'
import { forgetGuest, giveGuestMessages } from './use-cases/follow-guest.ts'
import { noteAddresses } from './use-cases/note-addresses.ts'
import { queueMessages } from './use-cases/queue-messages.ts'

export const consumes = ({ config: { STAFF_EMAIL } }: Service<Config>) =>
  handlerTable(
    [
      onBatch(OrderPlaced, tellBuyer('order_received')),
      onBatch(OrderConfirmed, tellBuyer('order_confirmed')),
      onBatch(OrderCancelled, tellBuyer('order_cancelled')),
      onBatch(OrderShipped, tellBuyer('order_shipped')),
      onBatch(OrderDelivered, tellBuyer('order_delivered')),
      onBatch(OrderUndelivered, tellBuyer('order_undelivered')),
      onBatch(ReturnRequested, tellBuyer('return_requested')),
      onBatch(ReturnApproved, tellBuyer('return_approved')),
      onBatch(ReturnRefused, tellBuyer('return_refused')),
      onBatch(ReturnWithdrawn, tellBuyer('return_withdrawn')),
      onBatch(ReturnReceived, tellBuyer('return_received')),
      onBatch(OrderAddressChanged, (tx, events) => tellBuyer('order_address_changed')(tx, events.map(withoutAddress))),
      onBatch(PaymentActionRequired, (tx, events) => queueMessages(tx, events.map(paymentLink))),
      onBatch(PaymentRefunded, (tx, events) => queueMessages(tx, events.map(paymentRefunded))),
      onBatch(UserRegistered, (tx, events) => noteAddresses(tx, events.map(addressOf))),
      onBatch(UserProfileChanged, (tx, events) => noteAddresses(tx, events.map(addressOf))),
      on(OrderClaimed, (tx, { data }) => giveGuestMessages(tx, data.order_id, data.customer_id)),
      on(OrderGuestForgotten, (tx, { data }) => forgetGuest(tx, data.order_id)),
      onBatch(ProductPublished, (tx, events) => learnSkus(tx, events.map(dataOf))),
      onBatch(ProductChanged, (tx, events) => learnSkus(tx, events.map(dataOf))),
      onBatch(ProductRetired, (tx, events) => unlearnSkus(tx, events.map(dataOf))),
      onBatch(StockAvailabilityChanged, (tx, events) => learnStock(tx, events.map(dataOf))),
      on(UserErased, (tx, event) => erasePerson(tx, event.data.user_id)),
      ...(STAFF_EMAIL
        ? [
            onBatch(StockLow, tellStaff('stock_low', STAFF_EMAIL)),
            onBatch(PaymentRefundNeeded, tellStaff('refund_needed', STAFF_EMAIL)),
            onBatch(PaymentDisputed, tellStaff('payment_disputed', STAFF_EMAIL)),
            onBatch(PaymentDisputeClosed, tellStaff('dispute_closed', STAFF_EMAIL)),
            onBatch(ReturnRequested, tellStaffOfReturn('return_to_decide', STAFF_EMAIL)),
            onBatch(ReturnWithdrawn, tellStaffOfReturn('return_called_off', STAFF_EMAIL)),
          ]
        : []),
      ...revokeTokensOn(UserErased, UserRoleChanged, UserPasswordChanged, SigningKeyRevoked),
    ],
    allEvents,
  )

const dataOf = <Data>({ data }: ConsumedEvent<Data>): Data => data

interface OrderFacts {
  readonly order_id: string
  readonly number: string
  readonly customer_id: string | null
  readonly contact: { readonly name: string; readonly email: string; readonly language: string }
}

/** That it goes elsewhere is told, and not where: the mail does not say it, so it is not kept. */
const withoutAddress = (event: ConsumedEvent<DataOf<typeof OrderAddressChanged>>) => {
  const { shipping_address: _, ...data } = event.data
  return { ...event, data }
}

const tellBuyer =
  <Kind extends MessageKind>(kind: Kind) =>
  (tx: Transaction, events: readonly ConsumedEvent<OrderFacts & MessageData[Kind]>[]) =>
    queueMessages(
      tx,
      events.map(
        ({ id, at, data: { contact, ...data } }): Draft => ({
          kind,
          causeId: id,
          at,
          data: data as unknown as MessageData[Kind],
          personId: data.customer_id,
          orderId: data.order_id,
          orderNumber: data.number,
          // Of a guest who was forgotten there is none: his order's first message says so.
          recipient: contact.email || null,
          recipientName: contact.name,
          language: contact.language,
        }),
      ),
    )

const nobodyYet = { personId: null, orderNumber: null, recipient: null, recipientName: null, language: 'en' }

/** One mail for each attempt, however often its link is said. */
const paymentLink = ({ at, data }: ConsumedEvent<DataOf<typeof PaymentActionRequired>>): Draft<'payment_link'> => ({
  ...nobodyYet,
  kind: 'payment_link',
  causeId: data.attempt_id,
  at,
  data,
  orderId: data.order_id,
})

const paymentRefunded = ({
  id,
  at,
  data,
}: ConsumedEvent<DataOf<typeof PaymentRefunded>>): Draft<'payment_refunded'> => ({
  ...nobodyYet,
  kind: 'payment_refunded',
  causeId: id,
  at,
  data,
  orderId: data.order_id,
})

interface PersonFacts {
  readonly user_id: string
  readonly email: string
  readonly name: string
  readonly email_verified?: boolean
  readonly language?: string
}

const addressOf = ({ at, data }: ConsumedEvent<PersonFacts>): ToldAddress => ({
  personId: data.user_id,
  address: data.email,
  name: data.name,
  // Older events do not say.
  isProven: data.email_verified ?? false,
  language: data.language ?? 'en',
  at,
})

const tellStaff =
  <Kind extends MessageKind>(kind: Kind, email: string) =>
  (tx: Transaction, events: readonly ConsumedEvent<MessageData[Kind] & { readonly order_id?: string }>[]) =>
    queueMessages(
      tx,
      events.map(
        ({ id, at, data }): Draft => ({
          ...nobodyYet,
          kind,
          causeId: id,
          at,
          data,
          orderId: data.order_id ?? null,
          recipient: email,
        }),
      ),
    )

type ReturnEvent = ConsumedEvent<MessageData['return_to_decide'] & { readonly order_id: string }>

/** Nothing of the buyer is in it: what staff were told is not blanked with him. */
const withoutBuyer = (event: ReturnEvent) => {
  const { order_id, number, return_id, lines, refund } = event.data
  return { ...event, data: { order_id, number, return_id, lines, refund } }
}

const tellStaffOfReturn =
  (kind: 'return_to_decide' | 'return_called_off', email: string) =>
  (tx: Transaction, events: readonly ReturnEvent[]) =>
    tellStaff(kind, email)(tx, events.map(withoutBuyer))
