import { randomBytes } from 'node:crypto'
import { PaymentVoided } from '@mart/contracts/events/payment-events'
import type { Money } from '@mart/contracts/money'
import { newId } from '@mart/service-kit/ids'
import { addToOutbox } from '@mart/service-kit/outbox'
import type { Transaction } from '@mart/service-kit/postgres'
import { traceparentFor } from '@mart/service-kit/tracing'
import { type AttemptAsked, cancelOrder, closeOrder, startAttempt } from '../payment-moves.ts'
import { newRecord, type OrderVoid, type PaymentRecord } from '../payment-record.ts'
import { changesOf } from '../record-change.ts'
import { erasedOf, lockRecordsOfOrders, rememberVoid, voidedOf } from '../record-store.ts'
import { changeRecord, saveChanges } from '../record-writer.ts'

export interface PaymentAsked extends Omit<AttemptAsked, 'goToken' | 'traceparent'> {
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
    const traceparent = traceparentFor(orderId)
    const attempt = { ...asked, basket, goToken, traceparent }
    change(record, (current) => startAttempt(current, attempt, { now: new Date(), newId }))
  }
  await saveChanges(tx, changes)
}

const newRecordOf = ({ orderId, method, total, dueAt }: PaymentAsked, customerId: string | null): PaymentRecord =>
  newRecord({ id: newId(), order_id: orderId, customer_id: customerId, method, ...total, due_at: dueAt })

/** Order asks for the end of its payment: always answered, also for an order that we never heard of. */
export async function voidPayment(tx: Transaction, orderId: string, ifPaid: OrderVoid['if_paid']): Promise<void> {
  const after = await changeRecord(tx, { orderId }, (record, moment) => cancelOrder(record, ifPaid, moment))
  if (after) return
  const isNew = await rememberVoid(tx, orderId, ifPaid)
  if (isNew) await addToOutbox(tx, PaymentVoided, { order_id: orderId, refunding: false })
}

/** An order is over without having asked: nothing is answered, and nothing opens later. */
export async function closePayment(tx: Transaction, orderId: string): Promise<void> {
  const after = await changeRecord(tx, { orderId }, closeOrder)
  if (!after) await rememberVoid(tx, orderId, 'refund')
}
