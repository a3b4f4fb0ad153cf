import type { MessageKind } from '@mart/contracts/http/notification-shapes'
import { staffKinds } from './message.ts'

interface AboutOrder {
  readonly kind: MessageKind
  readonly order_id: string | null
  /** Null: a guest's. */
  readonly person_id: string | null
}

export type OrderLink = (message: AboutOrder) => string | null

/**
 * Where the buyer of a message's order finds it in the shop. A guest's link has a key that opens the order: the real one
 * is for his mail alone, and never kept. Without keys guests get no link.
 */
export const orderLinks =
  (shopUrl: string | undefined, keyOf: ((orderId: string) => string) | undefined): OrderLink =>
  ({ kind, order_id: id, person_id }) => {
    if (!shopUrl || id === null || staffKinds.includes(kind)) return null
    const page = `${shopUrl.replace(/\/+$/, '')}/orders/${id}`
    if (person_id !== null) return page
    return keyOf ? `${page}?key=${keyOf(id)}` : null
  }
