import { isUuid } from '@mart/service-kit/ids'
import type { Transaction } from '@mart/service-kit/postgres'
import { wantLook } from '../look-store.ts'
import { askedBy } from '../payfast-form.ts'
import { namesOurSum, type PayfastNotification } from '../payfast-notification.ts'
import { lockStory } from '../payment-store.ts'
import { countEvents, storeEvent } from '../provider-event-store.ts'

const LOOKS_GO_ON_MS = 24 * 60 * 60_000
/** Of one attempt: whoever has a hash may write the rest as he likes, and must not fill the table. */
const MOST_KEPT = 50

/** Keeps what PayFast told, once, and asks for a look at its record; nothing of it is believed. */
export async function receivePayfast(tx: Transaction, notification: PayfastNotification): Promise<void> {
  const { basketId, code, kept, transactionId } = notification
  const story = isUuid(basketId) ? await lockStory(tx, { attemptId: basketId }) : null
  const attempt = story?.attempts.find(({ id, method }) => id === basketId && method === 'payfast')
  if (!story || !attempt) {
    const event = {
      provider: 'payfast',
      id: `${basketId}:${code}`,
      type: code,
      payload: kept,
    }
    await storeEvent(tx, { ...event, provider: 'payfast' }, { outcome: 'not_ours', paymentId: null })
    return
  }
  if ((await countEvents(tx, attempt.id)) >= MOST_KEPT) return
  const outcome = namesOurSum(notification, askedBy(attempt, story.payment)) ? 'waiting' : 'differs'
  const isNew = await storeEvent(
    tx,
    { provider: 'payfast', id: notification.id, type: code, payload: kept },
    { outcome, paymentId: story.payment.id, attemptId: attempt.id },
  )
  if (!isNew) return
  const now = new Date()
  const until = new Date(now.getTime() + LOOKS_GO_ON_MS)
  await wantLook(tx, { attemptId: attempt.id, at: now, until, transactionId })
}
