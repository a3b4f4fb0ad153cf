import { PaymentVoided } from '@mart/contracts/events/payment-events'
import { newId } from '@mart/service-kit/ids'
import { addToOutbox } from '@mart/service-kit/outbox'
import type { Transaction } from '@mart/service-kit/postgres'
import { cancelOrder, closeOrder } from '../payment-moves.ts'
import type { OrderVoid } from '../payment-record.ts'
import { lockRecord, rememberVoid } from '../record-store.ts'
import { keepChange } from '../record-writer.ts'

/** Order asks for the end of its payment: always answered, also for an order that we never heard of. */
export async function voidPayment(tx: Transaction, orderId: string, ifPaid: OrderVoid['if_paid']): Promise<void> {
  const record = await lockRecord(tx, { orderId })
  if (!record) {
    const isNew = await rememberVoid(tx, orderId, ifPaid)
    if (isNew) await addToOutbox(tx, PaymentVoided, { order_id: orderId, refunding: false })
    return
  }
  const after = cancelOrder(record, ifPaid, { now: new Date(), newId })
  await keepChange(tx, record, after)
}

/** An order is over without having asked: nothing is answered, and nothing opens later. */
export async function closePayment(tx: Transaction, orderId: string): Promise<void> {
  const record = await lockRecord(tx, { orderId })
  if (!record) return void (await rememberVoid(tx, orderId, 'refund'))
  await keepChange(tx, record, closeOrder(record, { now: new Date(), newId }))
}
