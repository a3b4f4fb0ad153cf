import type { Money } from '@mart/contracts/money'
import { notFound } from '@mart/service-kit/errors'
import type { Transaction } from '@mart/service-kit/postgres'
import { changeRecord } from '../record-writer.ts'
import { askRefund, finishRefund, type RefundAsked, takeTask } from './refund.ts'
import { type ReturnedGoods, refundGoods } from './returned-goods.ts'

/** Staff ask for money to go back. Throws Refusal 404, 409 refund_exceeds or nothing_to_refund, 422. */
export async function requestRefund(
  tx: Transaction,
  { paymentId, ...asked }: RefundAsked & { readonly paymentId: string },
): Promise<{ id: string; status: 'requested'; amount: Money }> {
  const after = await changeRecord(tx, { paymentId }, (record, moment) => askRefund(record, asked, moment))
  const refund = after?.refunds.at(-1)
  if (!refund) throw notFound('payment')
  const { id, amount, currency } = refund
  return { id, status: 'requested', amount: { amount, currency } }
}

/** What has come back of an order is paid back. Throws when there is no payment of it: that must be seen. */
export async function refundReturn(
  tx: Transaction,
  { orderId, ...goods }: ReturnedGoods & { readonly orderId: string },
): Promise<void> {
  const after = await changeRecord(tx, { orderId }, (record, moment) => refundGoods(record, goods, moment))
  if (!after) throw new Error(`Goods came back of order ${orderId}, of which there is no payment`)
}

/** One of staff sees to it. Throws Refusal 404, 409 already_done or already_taken (by somebody else). */
export async function takeRefundTask(tx: Transaction, { id, by }: { id: string; by: string }): Promise<void> {
  const after = await changeRecord(tx, { taskId: id }, (record, moment) => takeTask(record, { taskId: id, by }, moment))
  if (!after) throw notFound('refund task')
}

/** Staff have sent the money back. Throws Refusal 404, 409 already_done. */
export async function finishRefundTask(
  tx: Transaction,
  { id, ...done }: { id: string; by: string; note: string },
): Promise<void> {
  const after = await changeRecord(tx, { taskId: id }, (record, moment) =>
    finishRefund(record, { taskId: id, ...done }, moment),
  )
  if (!after) throw notFound('refund task')
}
