import { type Static, Type } from 'typebox'
import { Money } from '../money.ts'
import { names } from '../names.ts'
import { PaymentMethod } from '../payment-methods.ts'
import { defineEvent, type Topic } from './define-event.ts'
import { Contact, Id, ShippingAddress, Time } from './shared-shapes.ts'

export const ordersTopic: Topic = { name: 'mart.orders', producer: 'order', retention: 'days' }

/** What every order event tells, so that a hearer needs no copy of the order to write to the buyer. */
const order = {
  order_id: Id,
  number: Type.String(),
  customer_id: Type.Union([Id, Type.Null()]),
  contact: Contact,
  payment_method: PaymentMethod,
  total: Money,
}

const ofOrder = { version: 1, topic: ordersTopic, key: 'order_id' } as const

const OrderedLine = Type.Object({
  sku: Type.String(),
  ...names,
  quantity: Type.Integer({ minimum: 1 }),
  unit_price: Type.Integer({ minimum: 0, description: "minor units of the order's currency" }),
})
export type OrderedLine = Static<typeof OrderedLine>

export const CancelReason = Type.Enum([
  'customer_request',
  'staff_request',
  'out_of_stock',
  'payment_timeout',
  'payment_failed',
  'refunded',
])
export type CancelReason = Static<typeof CancelReason>

export const OrderPlaced = defineEvent({
  type: 'order.placed',
  ...ofOrder,
  data: Type.Object({
    ...order,
    lines: Type.Array(OrderedLine),
    subtotal: Money,
    shipping: Money,
    shipping_address: ShippingAddress,
    placed_at: Time,
  }),
})

/** Asks payment for attempt number `attempt`; an older open attempt gives way to it. */
export const OrderPaymentDue = defineEvent({
  type: 'order.payment_due',
  ...ofOrder,
  data: Type.Object({
    ...order,
    attempt: Type.Integer({ minimum: 1 }),
    due_at: Time,
    lines: Type.Array(OrderedLine),
    shipping: Money,
  }),
})

/** `keep`: the clock asks, money that has arrived keeps the order. `refund`: a person asks, money goes back. */
export const OrderCancelRequested = defineEvent({
  type: 'order.cancel_requested',
  ...ofOrder,
  data: Type.Object({ ...order, if_paid: Type.Enum(['keep', 'refund']), reason: CancelReason }),
})

export const OrderConfirmed = defineEvent({
  type: 'order.confirmed',
  ...ofOrder,
  data: Type.Object({ ...order, lines: Type.Array(OrderedLine), shipping: Money, confirmed_at: Time }),
})

export const OrderCancelled = defineEvent({
  type: 'order.cancelled',
  ...ofOrder,
  data: Type.Object({
    ...order,
    reason: CancelReason,
    missing: Type.Array(Type.Object({ sku: Type.String(), ...names }), {
      description: 'what stock could not give, when that is the reason',
    }),
    refunding: Type.Boolean({ description: 'money that arrived is on its way back' }),
    cancelled_at: Time,
  }),
})

export const OrderShipped = defineEvent({
  type: 'order.shipped',
  ...ofOrder,
  data: Type.Object({ ...order, carrier: Type.String(), tracking_number: Type.String(), shipped_at: Time }),
})

export const OrderDelivered = defineEvent({
  type: 'order.delivered',
  ...ofOrder,
  data: Type.Object({
    ...order,
    collected: Type.Union([Money, Type.Null()], { description: 'cash that the courier took' }),
    carrier: Type.Optional(Type.String({ description: 'who took it' })),
    delivered_at: Time,
  }),
})

export const OrderUndelivered = defineEvent({
  type: 'order.undelivered',
  ...ofOrder,
  data: Type.Object({ ...order, reason: Type.String(), undelivered_at: Time }),
})

/** It goes elsewhere than it was ordered to: whoever keeps the address takes this one. */
export const OrderAddressChanged = defineEvent({
  type: 'order.address_changed',
  ...ofOrder,
  data: Type.Object({ ...order, shipping_address: ShippingAddress, changed_at: Time }),
})

/** A guest's order is this customer's now. */
export const OrderClaimed = defineEvent({
  type: 'order.claimed',
  ...ofOrder,
  data: Type.Object({ order_id: Id, customer_id: Id, claimed_at: Time }),
})

/** Of a guest's order that is over: whoever keeps personal data about it blanks that. */
export const OrderGuestForgotten = defineEvent({
  type: 'order.guest_forgotten',
  ...ofOrder,
  data: Type.Object({ order_id: Id, forgotten_at: Time }),
})

export const ReturnReason = Type.Enum([
  'damaged',
  'wrong_item',
  'not_as_described',
  'changed_mind',
  'arrived_late',
  'other',
])
export type ReturnReason = Static<typeof ReturnReason>

const line = { sku: Type.String(), quantity: Type.Integer({ minimum: 1 }) }

export const ReceivedLine = Type.Object({ ...line, condition: Type.Enum(['sellable', 'damaged']) })
export type ReceivedLine = Static<typeof ReceivedLine>

/** What every event of a return tells. */
const aReturn = {
  ...order,
  return_id: Id,
  lines: Type.Array(Type.Object({ ...line, ...names, reason: ReturnReason })),
  refund: Type.Object(Money.properties, {
    description: 'what goes back: for all of it, until it has come; then for what came',
  }),
}

export const ReturnRequested = defineEvent({
  type: 'return.requested',
  ...ofOrder,
  data: Type.Object({ ...aReturn, requested_at: Time }),
})

export const ReturnApproved = defineEvent({
  type: 'return.approved',
  ...ofOrder,
  data: Type.Object({ ...aReturn, approved_at: Time }),
})

/** The buyer reads the reason. */
export const ReturnRefused = defineEvent({
  type: 'return.refused',
  ...ofOrder,
  data: Type.Object({ ...aReturn, reason: Type.String(), refused_at: Time }),
})

/** The buyer keeps it after all: nothing of it is to come. */
export const ReturnWithdrawn = defineEvent({
  type: 'return.withdrawn',
  ...ofOrder,
  data: Type.Object({ ...aReturn, withdrawn_at: Time }),
})

/** Goods have come back: inventory takes what is sellable, payment sends `refund` back. */
export const ReturnReceived = defineEvent({
  type: 'return.received',
  ...ofOrder,
  data: Type.Object({ ...aReturn, received: Type.Array(ReceivedLine), received_at: Time }),
})
