import { randomBytes } from 'node:crypto'
import type { Money } from '@mart/contracts/money'
import { newId } from '@mart/service-kit/ids'
import type { Transaction } from '@mart/service-kit/postgres'
import { type AttemptAsked, startAttempt } from '../payment-moves.ts'
import { newRecord, type PaymentRecord } from '../payment-record.ts'
import { erasedOf } from '../person-store.ts'
import { changesOf } from '../record-change.ts'
import { lockRecordsOfOrders, voidedOf } from '../record-store.ts'
import { keepChanges } from '../record-writer.ts'

export interface PaymentAsked extends Omit<AttemptAsked, 'goToken'> {
  readonly orderId: string
  readonly customerId: string | null
  readonly total: Money
}

/** Writes down that attempts are wanted; the worker calls the providers. */
export async function startPayments(tx: Transaction, all: readonly PaymentAsked[]): Promise<void> {
  const orderIds = all.map(({ orderId }) => orderId)
  const erased = await erasedOf(
    tx,
    all.flatMap(({ customerId }) => customerId ?? []),
  )
  const [records, voided] = await Promise.all([lockRecordsOfOrders(tx, orderIds), voidedOf(tx, orderIds)])
  const known = new Map(records.map((record) => [record.payment.order_id, record]))
  const { changes, change } = changesOf(records)
  for (const asked of all) {
    const { orderId, customerId } = asked
    if (!known.has(orderId) && voided.has(orderId)) continue
    const isErased = customerId === null || erased.has(customerId)
    const record = known.get(orderId) ?? newRecordOf(asked, isErased ? null : customerId)
    known.set(orderId, record)
    const basket =
      record.payment.customer_id === customerId ? asked.basket : { ...asked.basket, email: null, phone: null }
    const goToken = randomBytes(18).toString('base64url')
    change(record, (current) => startAttempt(current, { ...asked, basket, goToken }, { now: new Date(), newId }))
  }
  await keepChanges(tx, changes)
}

const newRecordOf = ({ orderId, method, total, dueAt }: PaymentAsked, customerId: string | null): PaymentRecord =>
  newRecord({ id: newId(), order_id: orderId, customer_id: customerId, method, ...total, due_at: dueAt })
