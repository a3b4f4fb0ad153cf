import { allEvents } from '@mart/contracts/events/all-events'
import type { DataOf } from '@mart/contracts/events/define-event'
import {
  OrderCancelled,
  OrderCancelRequested,
  OrderClaimed,
  OrderConfirmed,
  OrderDelivered,
  OrderGuestForgotten,
  OrderPaymentDue,
  OrderUndelivered,
  ReturnReceived,
} from '@mart/contracts/events/order-events'
import { SigningKeyRevoked, UserErased, UserPasswordChanged, UserRoleChanged } from '@mart/contracts/events/user-events'
import { type HandlerTable, handlerTable, on, onBatch } from '@mart/service-kit/handlers'
import { revokeTokensOn } from '@mart/service-kit/token-revocation'
import { expectCashOf, takeCash } from './cash/use-cases.ts'
import { refundReturn } from './refunds/use-cases.ts'
import { erasePerson } from './use-cases/erase-person.ts'
import { forgetGuest, givePayment } from './use-cases/follow-guest.ts'
import { closePayment, type PaymentAsked, startPayments, voidPayment } from './use-cases/follow-order.ts'

export const consumes = (): HandlerTable =>
  handlerTable(
    [
      onBatch(OrderPaymentDue, (tx, events) =>
        startPayments(
          tx,
          events.map(({ data }) => paymentAsked(data)),
        ),
      ),
      onBatch(OrderConfirmed, (tx, events) => expectCashOf(tx, cashOrders(events.map(({ data }) => data)))),
      on(OrderCancelRequested, (tx, { data }) => voidPayment(tx, data.order_id, data.if_paid)),
      on(OrderCancelled, (tx, { data }) => closePayment(tx, data.order_id)),
      on(OrderDelivered, (tx, { data }) => takeCash(tx, data.order_id, deliveryOf(data))),
      on(OrderUndelivered, (tx, { data }) => closePayment(tx, data.order_id)),
      on(ReturnReceived, async (tx, { data: { order_id: orderId, return_id: returnId, refund: money } }) => {
        if (money.amount > 0) await refundReturn(tx, { orderId, returnId, money })
      }),
      on(OrderClaimed, (tx, { data }) => givePayment(tx, data.order_id, data.customer_id)),
      on(OrderGuestForgotten, (tx, { data }) => forgetGuest(tx, data.order_id)),
      on(UserErased, (tx, { data }) => erasePerson(tx, data.user_id, data.erased_at)),
      ...revokeTokensOn(UserErased, UserRoleChanged, UserPasswordChanged, SigningKeyRevoked),
    ],
    allEvents,
  )

const deliveryOf = ({ collected, carrier, delivered_at }: DataOf<typeof OrderDelivered>) => ({
  collected,
  carrier: carrier ?? null,
  deliveredAt: new Date(delivered_at),
})

const paymentAsked = (due: DataOf<typeof OrderPaymentDue>): PaymentAsked => ({
  orderId: due.order_id,
  customerId: due.customer_id,
  total: due.total,
  number: due.attempt,
  method: due.payment_method,
  dueAt: new Date(due.due_at),
  basket: {
    number: due.number,
    email: due.contact.email || null,
    phone: due.contact.phone || null,
    lines: due.lines.map(({ name, quantity, unit_price }) => ({ name, quantity, unit_price })),
    shipping: due.shipping.amount,
  },
})

const cashOrders = (orders: readonly DataOf<typeof OrderConfirmed>[]) =>
  orders
    .filter(({ payment_method, total }) => payment_method === 'cash_on_delivery' && total.amount > 0)
    .map(({ order_id, customer_id, total }) => ({ order_id, customer_id, ...total }))
