import { newId } from '@mart/service-kit/ids'
import type { Transaction } from '@mart/service-kit/postgres'
import type { Leases } from '../leases.ts'
import { finishLook, leaseLooks } from '../look-store.ts'
import { lockNamedStories, lockStory } from '../payment-store.ts'
import type { ProviderCall, Taken } from '../provider-calls.ts'
import { endWaiting, readMartId } from '../provider-event-store.ts'
import { type About, type News, settle } from '../provider-news.ts'
import { keepChange } from '../story-writer.ts'

export interface LookTaken {
  readonly call: ProviderCall
  readonly leaseEnd: Date
}

/** Takes the looks at providers' records that are due longest. */
export async function takeLooks(
  tx: Transaction,
  { leases, atMost }: { leases: Leases; atMost: number },
): Promise<Taken<LookTaken>> {
  const looks = await leaseLooks(tx, { leases, now: new Date(), atMost })
  if (looks === 'locked') return { calls: [], again: 'soon' }
  if (looks.length === 0) return { calls: [], again: 'when woken' }
  const named = looks.map(({ attempt_id: attemptId }) => ({ attemptId, charge: null }))
  const [stories, martId] = await Promise.all([lockNamedStories(tx, named), readMartId(tx)])
  const calls = looks.flatMap(({ attempt_id, transaction_id: transactionId, next_look_at: leaseEnd }) => {
    const story = stories.find(({ attempts }) => attempts.some(({ id }) => id === attempt_id))
    const attempt = story?.attempts.find(({ id }) => id === attempt_id)
    return story && attempt ? { call: { payment: story.payment, attempt, martId, transactionId }, leaseEnd } : []
  })
  return { calls, again: 'at once' }
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
