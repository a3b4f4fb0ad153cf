import { toPublish } from '@mart/contracts/events/define-event'
import { OrderGuestForgotten } from '@mart/contracts/events/order-events'
import { notFound } from '@mart/service-kit/errors'
import { deleteResponsesAbout } from '@mart/service-kit/idempotency'
import { addAllToOutbox } from '@mart/service-kit/outbox'
import type { Transaction } from '@mart/service-kit/postgres'
import { askToForget, lockToForget } from '../guest-store.ts'
import { isOver } from '../order.ts'
import { blankOrders, lockOrders } from '../order-store.ts'

/** Forgets a guest: at once when his order is over, else as soon as it is, since the courier has to find the door. */
export async function forgetGuest(tx: Transaction, orderId: string): Promise<void> {
  const order = (await lockOrders(tx, [orderId])).get(orderId)
  if (!order || order.customer_id !== null) throw notFound('order')
  await askToForget(tx, orderId)
  if (isOver(order)) await forgetGuestsOf(tx, [orderId])
}

const BATCH = 100

/** Forgets a batch of guests whose orders are over, for so long or since they asked; true when there may be more. */
export async function forgetGuests(tx: Transaction, days: number): Promise<boolean> {
  const ids = await lockToForget(tx, days, BATCH)
  await forgetGuestsOf(tx, ids)
  return ids.length === BATCH
}

/** The orders are locked, over, and guests'. */
async function forgetGuestsOf(tx: Transaction, ids: readonly string[]): Promise<void> {
  if (ids.length === 0) return
  await blankOrders(tx, ids)
  await deleteResponsesAbout(tx, ids)
  const forgotten_at = new Date().toISOString()
  await addAllToOutbox(
    tx,
    ids.map((order_id) => toPublish(OrderGuestForgotten, { order_id, forgotten_at })),
  )
}
