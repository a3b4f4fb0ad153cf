import type { OrderShape } from '@mart/contracts/http/order-shapes'
import { timesQuantity } from '@mart/contracts/money'
import { namesOf } from '@mart/contracts/names'
import { type Order, paymentShown } from './order.ts'

/** The order as everybody sees it who may. */
export function viewOf(order: Order): OrderShape {
  const money = (amount: number) => ({ amount, currency: order.currency })
  return {
    id: order.id,
    number: order.number,
    status: order.status,
    customer_id: order.customer_id,
    currency: order.currency,
    lines: order.lines.map((line) => ({
      sku: line.sku,
      ...namesOf(line),
      quantity: line.quantity,
      unit_price: money(line.unit_price),
      total: timesQuantity(money(line.unit_price), line.quantity),
    })),
    subtotal: money(order.subtotal),
    shipping: money(order.shipping),
    tax: money(order.tax),
    discount: money(order.discount),
    total: money(order.total),
    payment_method: order.payment_method,
    payment: {
      status: paymentShown(order),
      action: order.payment_url ? { type: 'redirect', url: order.payment_url } : null,
      refunded: money(order.refunded),
    },
    contact: order.contact,
    shipping_address: order.shipping_address,
    note: order.note,
    holds: [...order.holds],
    cancel_reason: order.cancel_reason,
    missing: order.missing.map((one) => ({ ...one })),
    shipment: order.carrier ? { carrier: order.carrier, tracking_number: order.tracking_number ?? '' } : null,
    placed_at: order.placed_at.toISOString(),
    updated_at: order.updated_at.toISOString(),
    payment_due_at: order.payment_due_at?.toISOString() ?? null,
  }
}

/** The order as it was when it was placed: what a repeated request is answered with. */
export const viewWhenPlaced = (order: Order): OrderShape =>
  viewOf({
    ...order,
    status: 'placed',
    payment_status: 'pending',
    payment_url: null,
    refunded: 0,
    payment_due_at: null,
    holds: [],
    cancel_reason: null,
    missing: [],
    carrier: null,
    updated_at: order.placed_at,
  })
