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
export async function claimOrders(tx: Transaction, customer: Customer): Promise<number> {
  if (await isErased(tx, customer)) throw accountErased()
  return await give(tx, customer)
}

/** The same by itself, for who has just proven his address; not for who was erased meanwhile. */
export async function claimOnceProven(tx: Transaction, customer: Customer): Promise<void> {
  if (!(await isErased(tx, customer))) await give(tx, customer)
}

interface Customer {
  readonly id: string
  readonly email: string
}

async function isErased(tx: Transaction, { id }: Customer): Promise<boolean> {
  await lockCustomer(tx, id)
  return (await erasedAmong(tx, [id])).size > 0
}

async function give(tx: Transaction, { id, email }: Customer): Promise<number> {
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
