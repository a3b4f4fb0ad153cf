import type { Money } from '@mart/contracts/money'
import { conflict, notFound } from '@mart/service-kit/errors'
import { newId } from '@mart/service-kit/ids'
import type { Transaction } from '@mart/service-kit/postgres'
import type { RefundNews } from '../provider-calls/provider-calls.ts'
import { lockRecord } from '../record-store.ts'
import { keepChange } from '../record-writer.ts'
import { askRefund, finishRefund, type RefundAsked } from './refund.ts'
import { settleRefund } from './refund-moves.ts'
import { lockTask, takeTask } from './refund-task-store.ts'

/** Staff ask for money to go back. Throws Refusal 404, 409 refund_exceeds or nothing_to_refund, 422. */
export async function requestRefund(
  tx: Transaction,
  asked: RefundAsked & { readonly paymentId: string },
): Promise<{ id: string; status: 'requested'; amount: Money }> {
  const record = await lockRecord(tx, { paymentId: asked.paymentId })
  if (!record) throw notFound('payment')
  const { change, refundId, money } = askRefund(record, asked, { now: new Date(), newId })
  await keepChange(tx, record, change)
  return { id: refundId, status: 'requested', amount: money }
}

/** One of staff sees to it. Throws Refusal 404, 409 already_done or already_taken (by somebody else). */
export async function takeRefundTask(tx: Transaction, { id, by }: { id: string; by: string }): Promise<void> {
  const task = await lockTask(tx, id)
  if (!task) throw notFound('refund task')
  if (task.done_at) throw conflict('already_done', 'This refund task is done already.')
  if (task.taken_by === by) return
  if (task.taken_by) throw conflict('already_taken', 'Somebody else sees to this refund task.')
  await takeTask(tx, id, by)
}

/** Staff have sent the money back. Throws Refusal 404, 409 already_done. */
export async function finishRefundTask(
  tx: Transaction,
  { id, by, note }: { id: string; by: string; note: string },
): Promise<void> {
  const record = await lockRecord(tx, { taskId: id })
  if (!record) throw notFound('refund task')
  const after = finishRefund(record, { taskId: id, by, note }, { now: new Date(), newId })
  await keepChange(tx, record, after)
}

/** Records what a call for a refund was answered. Returns what staff should read in the log. */
export async function recordRefund(tx: Transaction, heard: { refundId: string; news: RefundNews }): Promise<string[]> {
  const record = await lockRecord(tx, { refundId: heard.refundId })
  if (!record) throw new RangeError(`There is no refund ${heard.refundId}`)
  const after = settleRefund(record, heard, { now: new Date(), newId })
  return await keepChange(tx, record, after)
}
