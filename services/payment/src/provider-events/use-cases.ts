import { notFound } from '@mart/service-kit/errors'
import type { Transaction } from '@mart/service-kit/postgres'
import { wantPoll } from '../provider-calls/provider-calls.ts'
import { nothingToReplay, type ProviderEvent, type Told } from '../provider-news.ts'
import { changeRecord } from '../record-writer.ts'
import { isEvent, readEvent } from '../stripe/stripe-event.ts'
import {
  dropOldEvents,
  readEventToReplay,
  type StoredEvent,
  setFate,
  setReplayed,
  storeEvent,
} from './provider-event-store.ts'

/**
 * What a provider's event means, to be done once more as if it had just come; what it did before is not done twice. Null
 * where the provider's own record is asked for instead. Throws Refusal 404, and 409 nothing_to_replay where it still means
 * nothing here.
 */
export async function replayEvent(tx: Transaction, { id, by }: { id: string; by: string }): Promise<Told | null> {
  const event = await readEventToReplay(tx, id)
  if (!event) throw notFound('provider event')
  await setReplayed(tx, id, by)
  if (event.provider === 'payfast') {
    await pollAgain(tx, id, event)
    return null
  }
  const notified = isEvent(event.payload) ? readEvent(event.payload) : null
  if (!notified) throw nothingToReplay()
  return { news: notified.news, about: notified.about, replayed: id }
}

async function pollAgain(tx: Transaction, id: string, event: StoredEvent): Promise<void> {
  if (event.attempt_id === null) throw nothingToReplay()
  const wanted = { attemptId: event.attempt_id, inMs: 0, transactionId: event.transaction_id }
  await changeRecord(tx, { attemptId: event.attempt_id }, (record, moment) => wantPoll(record, wanted, moment))
  if (event.outcome === 'applied') await setFate(tx, id, { outcome: 'waiting', paymentId: null })
}

/** Providers' events are kept for 90 days. Returns whether there may be more to drop. */
export const dropExpiredEvents = (tx: Transaction): Promise<boolean> => dropOldEvents(tx)

/** An event of a kind that means nothing to us: kept, so that staff can see that it came. */
export async function ignoreEvent(tx: Transaction, event: ProviderEvent): Promise<void> {
  await storeEvent(tx, event, { outcome: 'ignored', paymentId: null })
}
