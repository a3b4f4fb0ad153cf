import { notFound } from '@mart/service-kit/errors'
import { newId } from '@mart/service-kit/ids'
import type { Transaction } from '@mart/service-kit/postgres'
import { lockStory } from '../payment-store.ts'
import { finishRefund } from '../refund.ts'
import { keepChange } from '../story-writer.ts'

/** Staff have sent the money back. Throws Refusal 404, 409 already_done. */
export async function finishRefundTask(
  tx: Transaction,
  { id, by, note }: { id: string; by: string; note: string },
): Promise<void> {
  const story = await lockStory(tx, { taskId: id })
  if (!story) throw notFound('refund task')
  const after = finishRefund(story, { taskId: id, by, note }, { now: new Date(), newId })
  await keepChange(tx, story, after)
}
