import { newId } from '@mart/service-kit/ids'
import type { Transaction } from '@mart/service-kit/postgres'
import type { Leases } from '../leases.ts'
import { finishLook, leaseLook } from '../look-store.ts'
import { lockStory } from '../payment-store.ts'
import type { ProviderCall } from '../provider-calls.ts'
import { endWaiting, readMartId } from '../provider-event-store.ts'
import { type About, type News, settle } from '../provider-news.ts'
import { keepChange } from '../story-writer.ts'

export interface LookTaken {
  readonly call: ProviderCall
  readonly leaseEnd: Date
}

/** Takes the look at a provider's record that is due longest. */
export async function takeLook(tx: Transaction, leases: Leases): Promise<LookTaken | null> {
  const due = await leaseLook(tx, leases, new Date())
  const story = due && (await lockStory(tx, { attemptId: due.attempt_id }))
  const attempt = story?.attempts.find(({ id }) => id === due?.attempt_id)
  if (!due || !story || !attempt) return null
  const { payment } = story
  const { transaction_id: transactionId, next_look_at } = due
  return { call: { payment, attempt, martId: await readMartId(tx), transactionId }, leaseEnd: next_look_at }
}

/** Does what the record says. What it does not decide is looked at again. Returns what staff should read in the log. */
export async function settleLook(
  tx: Transaction,
  { leaseEnd, news, about }: { leaseEnd: Date; news: News; about: About },
): Promise<string[]> {
  const { attemptId } = about
  const story = await lockStory(tx, { attemptId })
  const attempt = story?.attempts.find(({ id }) => id === attemptId)
  if (!story || !attempt) throw new RangeError(`There is no attempt ${attemptId}`)
  const now = new Date()
  const isDecided = ['paid', 'failed', 'expired'].includes(news.kind)
  const text = 'reason' in news ? news.reason : news.kind
  await finishLook(tx, { attemptId, leaseEnd, news: text, isDecided, now })
  if (news.kind === 'no_answer') return []
  await endWaiting(tx, attemptId)
  // The same decline, seen again, is told to nobody.
  if (news.kind === 'declined' && attempt.error === news.reason) return []
  const after = settle(story, { news, about }, { now, newId })
  return await keepChange(tx, story, after)
}
