import { isUuid } from '@mart/service-kit/ids'
import type { Transaction } from '@mart/service-kit/postgres'
import { wantLook } from '../provider-calls/look-store.ts'
import { countEvents, storeEvent } from '../provider-events/provider-event-store.ts'
import { lockRecord } from '../record-store.ts'
import { askedBy } from './payfast-form.ts'
import { namesOurSum, type PayfastNotification } from './payfast-notification.ts'

const FIRST_LOOK_MS = 60_000
const LOOKS_GO_ON_MS = 24 * 60 * 60_000
/** Of one attempt: whoever has a hash may write the rest as he likes, and must not fill the table. */
const MOST_KEPT = 50

/** The buyer is about to open a page at a provider that may tell us nothing: its record is looked at until it is known. */
export async function expectNews(tx: Transaction, attemptId: string): Promise<void> {
  const now = Date.now()
  await wantLook(tx, { attemptId, at: new Date(now + FIRST_LOOK_MS), until: new Date(now + LOOKS_GO_ON_MS) })
}

/** Keeps what PayFast told, once, and asks for a look at its record; nothing of it is believed. */
export async function receivePayfast(tx: Transaction, notification: PayfastNotification): Promise<void> {
  const { basketId, code, kept, transactionId } = notification
  const record = isUuid(basketId) ? await lockRecord(tx, { attemptId: basketId }) : null
  const attempt = record?.attempts.find(({ id, method }) => id === basketId && method === 'payfast')
  if (!record || !attempt) {
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
  const outcome = namesOurSum(notification, askedBy(attempt, record.payment)) ? 'waiting' : 'differs'
  const isNew = await storeEvent(
    tx,
    { provider: 'payfast', id: notification.id, type: code, payload: kept },
    { outcome, paymentId: record.payment.id, attemptId: attempt.id },
  )
  if (!isNew) return
  const now = new Date()
  const until = new Date(now.getTime() + LOOKS_GO_ON_MS)
  await wantLook(tx, { attemptId: attempt.id, at: now, until, transactionId })
}
