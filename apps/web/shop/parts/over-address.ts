import type { OrderShape } from '@mart/contracts/http/order-shapes'
import type { Messages } from '../../ui/messages.ts'

const neverThere = new Set<OrderShape['status']>(['cancelling', 'cancelled', 'undelivered'])

/** What stands over an order's address. */
export function overAddress({ status }: OrderShape, say: Messages): string {
  if (status === 'delivered') return say.deliveredTo
  return neverThere.has(status) ? say.deliveryAddress : say.toBeDeliveredTo
}
