import { isUuid } from '@mart/service-kit/ids'
import type { Transaction } from '@mart/service-kit/postgres'
import { wantPoll } from '../provider-calls/provider-calls.ts'
import { countEvents, storeEvent } from '../provider-events/provider-event-store.ts'
import type { TracedPayment } from '../provider-news.ts'
import { lockRecord } from '../record-store.ts'
import { changeRecord } from '../record-writer.ts'
import { askedWith } from './payfast-form.ts'
import { namesOurSum, type PayfastNotification } from './payfast-notification.ts'

const FIRST_POLL_MS = 60_000
/** Of one attempt: whoever has a hash may write the rest as he likes, and must not fill the table. */
const MOST_KEPT = 50

/** The buyer is about to open a page at a provider that may tell us nothing: its record is polled until it is known. */
export async function expectNews(tx: Transaction, attemptId: string): Promise<void> {
  await changeRecord(tx, { attemptId }, (record, moment) =>
    wantPoll(record, { attemptId, inMs: FIRST_POLL_MS }, moment),
  )
}

/** Keeps what PayFast told, once, and asks for its record; nothing of it is believed. */
export async function receivePayfast(
  tx: Transaction,
  notification: PayfastNotification,
  trace?: (payment: TracedPayment) => void,
): Promise<void> {
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
  trace?.({ order_id: record.payment.order_id, payment_id: record.payment.id, traceparent: attempt.traceparent })
  if ((await countEvents(tx, attempt.id)) >= MOST_KEPT) return
  const outcome = namesOurSum(notification, askedWith(attempt, record.payment)) ? 'waiting' : 'differs'
  const isNew = await storeEvent(
    tx,
    { provider: 'payfast', id: notification.id, type: code, payload: kept },
    { outcome, paymentId: record.payment.id, attemptId: attempt.id },
  )
  if (!isNew) return
  const wanted = { attemptId: attempt.id, inMs: 0, transactionId }
  await changeRecord(tx, { attemptId: attempt.id }, (current, moment) => wantPoll(current, wanted, moment))
}
