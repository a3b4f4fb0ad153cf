import type { OrderReturnsShape, ReturnShape } from '@mart/contracts/http/return-shapes'
import type { Order } from '../order.ts'
import { type Return, type Returnable, returnableUntil, stillReturnable } from './return.ts'

/** What of its order is told with a return. */
export type OrderOfReturn = Pick<Order, 'number' | 'customer_id' | 'currency'>

export function returnView(one: Return, { number, customer_id, currency }: OrderOfReturn): ReturnShape {
  return {
    id: one.id,
    order_id: one.order_id,
    order_number: number,
    customer_id,
    status: one.status,
    lines: one.lines.map((line) => ({ ...line })),
    received: one.received.map((line) => ({ ...line })),
    note: one.note,
    refusal: one.refusal,
    refund: { amount: one.refund, currency },
    refunded: one.refunded === null ? null : { amount: one.refunded, currency },
    requested_at: one.requested_at.toISOString(),
    updated_at: one.updated_at.toISOString(),
  }
}

/** The returns of an order, and what else of it can be sent back at this moment. */
export function orderReturnsView(
  returnable: Returnable,
  { now, days }: { now: Date; days: number },
): OrderReturnsShape {
  const { order, returns } = returnable
  const until = returnableUntil(returnable, days)
  return {
    items: returns.toReversed().map((one) => returnView(one, order)),
    returnable: {
      until: until?.toISOString() ?? null,
      lines: until && now <= until ? stillReturnable(returnable) : [],
    },
  }
}
