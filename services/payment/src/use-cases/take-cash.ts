import { newId } from '@mart/service-kit/ids'
import type { Transaction } from '@mart/service-kit/postgres'
import { addCashPayments, type CashOrder } from '../cash-store.ts'
import { collectCash, type Delivery } from '../payment-moves.ts'
import { lockStory } from '../payment-store.ts'
import { keepChange } from '../story-writer.ts'

/** Confirmed orders that the courier will be paid for. */
export async function expectCash(tx: Transaction, orders: readonly Omit<CashOrder, 'id'>[]): Promise<void> {
  if (orders.length === 0) return
  await addCashPayments(
    tx,
    orders.map((order) => ({ ...order, id: newId() })),
  )
}

/** What the courier took; an order that is paid otherwise stays as it is. Nothing is said: order has told everybody. */
export async function takeCash(tx: Transaction, orderId: string, delivery: Delivery): Promise<void> {
  const story = await lockStory(tx, { orderId })
  if (story) await keepChange(tx, story, collectCash(story, delivery, { now: new Date(), newId }))
}
