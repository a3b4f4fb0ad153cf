import type { Money } from '@mart/contracts/money'
import { newId } from '@mart/service-kit/ids'
import type { Transaction } from '@mart/service-kit/postgres'
import { newRecord } from '../payment-record.ts'
import { erasedOf, lockRecordsOfCash, lockRecordsOfOrders, voidedOf } from '../record-store.ts'
import { changeRecord, saveChanges } from '../record-writer.ts'
import { collectCash, type Delivery, expectCash, handInCash, owedBy } from './cash.ts'
import type { Day } from './shop-day.ts'

export interface CashOrder extends Money {
  readonly order_id: string
  readonly customer_id: string | null
}

/** Confirmed orders that the courier will be paid for; one that has a payment stays as it is. */
export async function expectCashOf(tx: Transaction, orders: readonly CashOrder[]): Promise<void> {
  if (orders.length === 0) return
  const orderIds = orders.map(({ order_id }) => order_id)
  const erased = await erasedOf(
    tx,
    orders.flatMap(({ customer_id }) => customer_id ?? []),
  )
  const [known, voided] = await Promise.all([lockRecordsOfOrders(tx, orderIds), voidedOf(tx, orderIds)])
  const isThere = new Set(known.map(({ payment }) => payment.order_id))
  const moment = { now: new Date(), newId }
  const changes = orders.flatMap(({ customer_id, ...order }) => {
    if (isThere.has(order.order_id)) return []
    isThere.add(order.order_id)
    const customer = customer_id !== null && erased.has(customer_id) ? null : customer_id
    const record = newRecord({ id: newId(), ...order, customer_id: customer, method: 'cash_on_delivery' })
    const order_void = voided.get(order.order_id) ?? null
    return { before: null, after: expectCash({ ...record, order_void }, moment) }
  })
  await saveChanges(tx, changes)
}

/** What the courier took; an order that is paid otherwise stays as it is. Nothing is said: order has told everybody. */
export async function takeCash(tx: Transaction, orderId: string, delivery: Delivery): Promise<void> {
  await changeRecord(tx, { orderId }, (record, moment) => collectCash(record, delivery, moment))
}

export interface CashHandedIn {
  readonly carrier: string | null
  readonly day: Day
  readonly amount: Money
  /** Who counted it. */
  readonly by: string
}

/** A courier hands in what he took on a day. Throws Refusal 409 nothing_owed or cash_differs when it is not all of it. */
export async function receiveCash(tx: Transaction, { amount, by, ...taken }: CashHandedIn): Promise<void> {
  const records = await lockRecordsOfCash(tx, { ...taken, currency: amount.currency })
  const moment = { now: new Date(), newId }
  await saveChanges(
    tx,
    owedBy(records, amount).map((before) => ({ before, after: handInCash(before, by, moment) })),
  )
}
