import { type EventToPublish, toPublish } from '@mart/contracts/events/define-event'
import {
  OrderAddressChanged,
  OrderCancelled,
  OrderCancelRequested,
  OrderConfirmed,
  OrderDelivered,
  OrderPaymentDue,
  OrderPlaced,
  OrderShipped,
  OrderUndelivered,
} from '@mart/contracts/events/order-events'
import { type Order, reasonOf, type Trigger } from './order.ts'

const money = (order: Order, amount: number) => ({ amount, currency: order.currency })

/** What every event of an order tells. */
export const aboutOrder = (order: Order) => ({
  order_id: order.id,
  number: order.number,
  customer_id: order.customer_id,
  contact: order.contact,
  payment_method: order.payment_method,
  total: money(order, order.total),
})

const goods = (order: Order) => ({ lines: [...order.lines], shipping: money(order, order.shipping) })

export const placed = (order: Order) =>
  toPublish(OrderPlaced, {
    ...aboutOrder(order),
    ...goods(order),
    subtotal: money(order, order.subtotal),
    shipping_address: order.shipping_address,
    placed_at: order.placed_at.toISOString(),
  })

/** What the change from `before` to `after` by `trigger` says to everybody. */
export function eventsOf(before: Order, after: Order, trigger: Trigger): EventToPublish[] {
  const at = after.updated_at.toISOString()
  if (after.shipping_address !== before.shipping_address) {
    const { shipping_address } = after
    return [toPublish(OrderAddressChanged, { ...aboutOrder(after), shipping_address, changed_at: at })]
  }
  if (after.status === 'awaiting_payment' && after.attempt > before.attempt) return [paymentDue(after)]
  if (after.status === 'cancelling' && after.if_paid !== null && after.if_paid !== before.if_paid) {
    const asked = { if_paid: after.if_paid, reason: after.cancel_reason ?? 'customer_request' }
    return [toPublish(OrderCancelRequested, { ...aboutOrder(after), ...asked })]
  }
  if (after.status === before.status) return []
  switch (after.status) {
    case 'confirmed':
      return [toPublish(OrderConfirmed, { ...aboutOrder(after), ...goods(after), confirmed_at: at })]
    case 'cancelled':
      return [
        toPublish(OrderCancelled, {
          ...aboutOrder(after),
          reason: after.cancel_reason ?? 'customer_request',
          missing: [...after.missing],
          refunding: after.refunding,
          cancelled_at: at,
        }),
      ]
    case 'shipped': {
      const parcel = { carrier: after.carrier ?? '', tracking_number: after.tracking_number ?? '' }
      return [toPublish(OrderShipped, { ...aboutOrder(after), ...parcel, shipped_at: at })]
    }
    case 'delivered': {
      const collected = after.collected === null ? null : money(after, after.collected)
      const carrier = after.carrier === null ? {} : { carrier: after.carrier }
      return [toPublish(OrderDelivered, { ...aboutOrder(after), collected, ...carrier, delivered_at: at })]
    }
    case 'undelivered':
      return [
        toPublish(OrderUndelivered, { ...aboutOrder(after), reason: reasonOf(trigger) ?? '', undelivered_at: at }),
      ]
    default:
      return []
  }
}

function paymentDue(order: Order): EventToPublish {
  const dueAt = (order.payment_due_at ?? order.updated_at).toISOString()
  return toPublish(OrderPaymentDue, { ...aboutOrder(order), ...goods(order), attempt: order.attempt, due_at: dueAt })
}
