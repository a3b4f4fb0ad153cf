import { PaymentVoided } from '@mart/contracts/events/payment-events'
import { addToOutbox } from '@mart/service-kit/outbox'
import type { Transaction } from '@mart/service-kit/postgres'
import { cancelOrder, closeOrder } from '../payment-moves.ts'
import type { OrderVoid } from '../payment-record.ts'
import { rememberVoid } from '../record-store.ts'
import { changeRecord } from '../record-writer.ts'

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
