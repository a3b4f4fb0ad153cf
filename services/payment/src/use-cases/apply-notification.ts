import { Refusal } from '@mart/service-kit/errors'
import { isUuid, newId } from '@mart/service-kit/ids'
import type { Transaction } from '@mart/service-kit/postgres'
import { attemptOf } from '../payment.ts'
import { lockStory } from '../payment-store.ts'
import { type ProviderEvent, readMartId, storeEvent } from '../provider-event-store.ts'
import { type About, type News, settle } from '../provider-news.ts'
import { keepChange } from '../story-writer.ts'

const FIRST_HOUR_MS = 60 * 60_000

export interface Notification {
  readonly event: ProviderEvent
  readonly happenedAt: Date
  readonly news: News
  readonly about: Omit<About, 'attemptId'> & { readonly attemptId: string | null }
  readonly martId: string | null
}

/**
 * Stores a provider's notification and does what it means, once. Throws Refusal 404 for a payment of this mart that is
 * not here yet, so that the provider says it again. Returns what staff should read in the log.
 */
export async function applyNotification(tx: Transaction, notification: Notification): Promise<string[]> {
  const { event, news, about, martId, happenedAt } = notification
  const { attemptId, charge } = about
  const named = attemptId !== null && isUuid(attemptId)
  const story = named ? await lockStory(tx, { attemptId }) : charge ? await lockStory(tx, { charge }) : null
  const attempt = story && attemptOf(story, named ? { attemptId } : { charge })
  if (!story || !attempt) {
    const isFresh = Date.now() - happenedAt.getTime() < FIRST_HOUR_MS
    if (isFresh && martId === (await readMartId(tx))) {
      throw new Refusal(404, 'payment_not_here', 'The payment is not here yet: say it again later.')
    }
    await storeEvent(tx, event, { outcome: 'not_ours', paymentId: null })
    return []
  }
  if (!(await storeEvent(tx, event, { outcome: 'applied', paymentId: story.payment.id }))) return []
  const after = settle(story, { news, about: { ...about, attemptId: attempt.id } }, { now: new Date(), newId })
  return await keepChange(tx, story, after)
}
