import { conflict, notFound } from '@mart/service-kit/errors'
import type { Transaction } from '@mart/service-kit/postgres'
import { lockTask, takeTask } from '../refund-task-store.ts'

/** One of staff sees to it. Throws Refusal 404, 409 already_done or already_taken (by somebody else). */
export async function takeRefundTask(tx: Transaction, { id, by }: { id: string; by: string }): Promise<void> {
  const task = await lockTask(tx, id)
  if (!task) throw notFound('refund task')
  if (task.done_at) throw conflict('already_done', 'This refund task is done already.')
  if (task.taken_by === by) return
  if (task.taken_by) throw conflict('already_taken', 'Somebody else sees to this refund task.')
  await takeTask(tx, id, by)
}
