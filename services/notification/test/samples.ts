import type { DataOf } from '@mart/contracts/events/define-event'
import type { OrderConfirmed, OrderPlaced } from '@mart/contracts/events/order-events'
import { newId } from '@mart/service-kit/ids'

type Placed = DataOf<typeof OrderPlaced>

/** What is the same in every event of one order. */
export function anOrder(changes: Partial<Placed> = {}) {
  const id = newId()
  return {
    order_id: id,
    number: 'M-100023',
    customer_id: newId() as string | null,
    contact: { name: 'Ayesha Khan', email: `${id}@example.com`, phone: '03001234567', language: 'en' },
    payment_method: 'cash_on_delivery' as const,
    total: { amount: 199_800, currency: 'PKR' },
    ...changes,
  }
}

export type SampleOrder = ReturnType<typeof anOrder>

const lines = [{ sku: 'TEA-TD-450', name: 'Tapal Danedar 450 g', quantity: 2, unit_price: 89_900 }]

export const placed = (order: SampleOrder): Placed => ({
  ...order,
  lines,
  subtotal: { amount: 179_800, currency: order.total.currency },
  shipping: { amount: 20_000, currency: order.total.currency },
  shipping_address: {
    name: 'Ayesha Khan',
    line1: 'House 5, Street 9',
    city: 'Lahore',
    country: 'PK',
    phone: '03001234567',
  },
  placed_at: new Date().toISOString(),
})

export const confirmed = (order: SampleOrder): DataOf<typeof OrderConfirmed> => ({
  ...order,
  lines,
  shipping: { amount: 20_000, currency: order.total.currency },
  confirmed_at: new Date().toISOString(),
})

export const shipped = (order: SampleOrder) => ({
  ...order,
  carrier: 'TCS',
  tracking_number: 'TCS-778',
  shipped_at: new Date().toISOString(),
})

export const linkFor = (order: SampleOrder, attemptId = newId()) => ({
  order_id: order.order_id,
  payment_id: newId(),
  method: 'stripe' as const,
  amount: order.total,
  attempt: 1,
  attempt_id: attemptId,
  url: `https://pay.example/payments/${attemptId}?a=1&b=2`,
})

export const registered = (userId: string, email: string) => ({
  user_id: userId,
  email,
  email_verified: false,
  name: 'Ayesha Khan',
  registered_at: new Date().toISOString(),
})

/** What is said once he has opened the link in his mail. */
export const proven = (userId: string, email: string) => ({
  user_id: userId,
  email,
  email_verified: true,
  name: 'Ayesha Khan',
  changed_at: new Date().toISOString(),
})

export const erased = (userId: string) => ({ user_id: userId, erased_at: new Date().toISOString() })
