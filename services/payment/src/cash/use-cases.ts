import { formatMoney, type Money } from '@mart/contracts/money'
import { conflict } from '@mart/service-kit/errors'
import { newId } from '@mart/service-kit/ids'
import type { Transaction } from '@mart/service-kit/postgres'
import { collectCash, type Delivery, handInCash } from '../payment-moves.ts'
import { lockRecord, lockRecordsOfCash } from '../record-store.ts'
import { keepChange, keepChanges } from '../record-writer.ts'
import { addCashPayments, type CashOrder } from './cash-store.ts'
import type { Day } from './shop-day.ts'

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
  const record = await lockRecord(tx, { orderId })
  if (record) await keepChange(tx, record, collectCash(record, delivery, { now: new Date(), newId }))
}

export interface CashHandedIn {
  readonly carrier: string | null
  readonly day: Day
  readonly amount: Money
  /** Who counted it. */
  readonly by: string
}

/**
 * A courier hands in what he took on a day. Throws Refusal 409 nothing_owed, or cash_differs (with the sum that is owed)
 * when it is not all of it.
 */
export async function receiveCash(tx: Transaction, { amount: given, by, ...taken }: CashHandedIn): Promise<void> {
  const records = await lockRecordsOfCash(tx, { ...taken, currency: given.currency })
  const owing = records.filter(({ payment }) => payment.handed_in_at === null && payment.collected !== 0)
  const owed = owing.reduce((sum, { payment }) => sum + (payment.collected ?? 0), 0)
  if (owed === 0) throw conflict('nothing_owed', 'This courier owes nothing of that day in that currency.')
  if (owed !== given.amount) {
    const more = { owed: { amount: owed, currency: given.currency } }
    throw conflict('cash_differs', `He owes ${formatMoney(more.owed)} of that day.`, { more })
  }
  const moment = { now: new Date(), newId }
  await keepChanges(
    tx,
    owing.map((record) => ({ before: record, after: handInCash(record, by, moment) })),
  )
}
