import { toPublish } from '@mart/contracts/events/define-event'
import { OrderClaimed } from '@mart/contracts/events/order-events'
import { addAllToOutbox } from '@mart/service-kit/outbox'
import type { Transaction } from '@mart/service-kit/postgres'
import { freeSlots, giveOrders, lockOrdersOfGuest } from '../guest-store.ts'
import { accountErased } from '../open-orders.ts'
import { erasedAmong, lockCustomer } from '../order-store.ts'

const BATCH = 500

/**
 * What was ordered as a guest with this address, which must be proven to be his, becomes the customer's: up to 500 orders.
 * Returns how many. Throws Refusal 403 for who was erased.
 */
export async function claimOrders(tx: Transaction, { id, email }: { id: string; email: string }): Promise<number> {
  await lockCustomer(tx, id)
  if ((await erasedAmong(tx, [id])).size > 0) throw accountErased()
  const orders = await lockOrdersOfGuest(tx, email, BATCH)
  const ids = orders.map((order) => order.id)
  if (ids.length === 0) return 0
  await giveOrders(tx, ids, id)
  await freeSlots(tx, ids)
  const claimed_at = new Date().toISOString()
  await addAllToOutbox(
    tx,
    ids.map((order_id) => toPublish(OrderClaimed, { order_id, customer_id: id, claimed_at })),
  )
  return ids.length
}
