import { namesOf } from '@mart/contracts/names'
import type { Order, OrderStatus, Trigger, TriggerName } from './order.ts'

/** What a move changes besides the status. */
export type Change = Partial<
  Pick<
    Order,
    | 'status'
    | 'payment_method'
    | 'payment_status'
    | 'payment_url'
    | 'attempt'
    | 'payment_due_at'
    | 'if_paid'
    | 'cancel_reason'
    | 'missing'
    | 'refunding'
    | 'refunded'
    | 'holds'
    | 'carrier'
    | 'tracking_number'
    | 'collected'
    | 'shipping_address'
  >
>

export interface Moment {
  readonly now: Date
  readonly paymentWindowMs: number
}

type Move<Name extends TriggerName> = (
  order: Order,
  trigger: Extract<Trigger, { name: Name }>,
  moment: Moment,
) => Change | null
type Moves = { readonly [Status in OrderStatus]: { readonly [Name in TriggerName]?: Move<Name> } }

const afterReservation: Move<'stock_reserved'> = (order, _, { now, paymentWindowMs }) => {
  if (order.total === 0) return { status: 'confirmed' }
  if (order.payment_method === 'cash_on_delivery') return { status: 'confirmed', payment_status: 'due_on_delivery' }
  return { status: 'awaiting_payment', attempt: 1, payment_due_at: new Date(now.getTime() + paymentWindowMs) }
}

const personCancels: Move<'person_cancels'> = (_, { by }) => ({
  status: 'cancelling',
  if_paid: 'refund',
  cancel_reason: by === 'staff' ? 'staff_request' : 'customer_request',
})

const readdressed: Move<'address_changed'> = (_, { address }) => ({ shipping_address: address })

// By the way that it came, which may be an older one than the buyer's last choice: or the courier would ask again.
const paid: Move<'payment_succeeded'> = (_, { method }) => ({
  status: 'confirmed',
  payment_method: method,
  payment_status: 'succeeded',
  payment_url: null,
  if_paid: null,
  cancel_reason: null,
})

/** The life of an order (ARCHITECTURE.md) as a table: a pair that is not in it moves nothing and is kept in the history. */
const moves: Moves = {
  placed: {
    stock_reserved: afterReservation,
    stock_refused: (order, { missing }) => ({
      status: 'cancelled',
      cancel_reason: 'out_of_stock',
      payment_status: 'voided',
      missing: order.lines
        .filter(({ sku }) => missing.includes(sku))
        .map((line) => ({ sku: line.sku, ...namesOf(line) })),
    }),
    person_cancels: personCancels,
    address_changed: readdressed,
  },
  awaiting_payment: {
    person_cancels: personCancels,
    address_changed: readdressed,
    due: () => ({ status: 'cancelling', if_paid: 'keep', cancel_reason: 'payment_timeout' }),
    way_chosen: (order, { method }) => ({
      payment_method: method,
      attempt: order.attempt + 1,
      payment_status: 'pending',
      payment_url: null,
    }),
    action_required: (order, { attempt, url }) =>
      attempt === order.attempt ? { payment_status: 'action_required', payment_url: url } : null,
    payment_failed: (order, { attempt, final }) => {
      if (attempt !== order.attempt) return null
      return final
        ? { status: 'cancelling', if_paid: 'keep', cancel_reason: 'payment_failed', payment_status: 'failed' }
        : { payment_status: 'failed' }
    },
    payment_succeeded: paid,
    cash_agreed: () => ({
      status: 'confirmed',
      payment_method: 'cash_on_delivery',
      payment_status: 'due_on_delivery',
      payment_url: null,
    }),
  },
  confirmed: {
    person_cancels: personCancels,
    address_changed: readdressed,
    payment_refunded: (order, trigger) => ({
      ...refunded(order, trigger),
      ...(trigger.inAll >= order.total ? { status: 'cancelled' as const, cancel_reason: 'refunded' as const } : {}),
    }),
    payment_disputed: (order) => ({ holds: [...new Set([...order.holds, 'payment_disputed'])] }),
    dispute_closed: (order, { won }) =>
      won ? { holds: order.holds.filter((hold) => hold !== 'payment_disputed') } : {},
    staff_ships: (order, { carrier, trackingNumber }) =>
      order.holds.length > 0 ? null : { status: 'shipped', carrier, tracking_number: trackingNumber },
  },
  cancelling: {
    person_cancels: (order, trigger, moment) =>
      order.if_paid === 'keep' ? personCancels(order, trigger, moment) : null,
    payment_succeeded: (order, trigger, moment) =>
      order.if_paid === 'keep' ? paid(order, trigger, moment) : { payment_status: 'succeeded' },
    payment_refunded: refunded,
    payment_voided: (order, { refunding }) => ({
      status: 'cancelled',
      refunding,
      payment_url: null,
      ...(refunding || isRefunded(order) ? {} : { payment_status: 'voided' }),
    }),
  },
  cancelled: { payment_refunded: refunded },
  shipped: {
    payment_refunded: refunded,
    staff_delivers: (order, { collected }) => ({
      status: 'delivered',
      collected,
      ...(order.payment_method === 'cash_on_delivery' ? { payment_status: 'succeeded' } : {}),
    }),
    delivery_failed: () => ({ status: 'undelivered' }),
  },
  delivered: { payment_refunded: refunded },
  undelivered: { payment_refunded: refunded },
}

function refunded(order: Order, { inAll }: { inAll: number }): Change {
  const gone = { refunding: false, refunded: inAll }
  if (inAll >= order.total) return { ...gone, payment_status: 'refunded' }
  // With nothing in all, it was extra money that went back.
  return { ...gone, ...(inAll > 0 ? { payment_status: 'partially_refunded' } : {}) }
}

const isRefunded = ({ payment_status }: Order) => ['refunded', 'partially_refunded'].includes(payment_status)

/** What `trigger` changes of the order, or null where the table has no such move: an overtaken event is no error. */
export function move(order: Order, trigger: Trigger, moment: Moment): Change | null {
  const legal = moves[order.status][trigger.name] as Move<TriggerName> | undefined
  return legal?.(order, trigger as never, moment) ?? null
}
