import { notFound } from '@mart/service-kit/errors'
import { newId } from '@mart/service-kit/ids'
import { addToOutbox } from '@mart/service-kit/outbox'
import type { Transaction } from '@mart/service-kit/postgres'
import { lockStory, saveStory } from '../payment-store.ts'
import { finishRefund } from '../refund.ts'

/** Staff have sent the money back. Throws Refusal 404, 409 already_done. */
export async function finishRefundTask(
  tx: Transaction,
  { id, by, note }: { id: string; by: string; note: string },
): Promise<void> {
  const story = await lockStory(tx, { taskId: id })
  if (!story) throw notFound('refund task')
  const after = finishRefund(story, { taskId: id, by, note }, { now: new Date(), newId })
  await saveStory(tx, story, after)
  for (const { event, data } of after.says) await addToOutbox(tx, event, data)
}
