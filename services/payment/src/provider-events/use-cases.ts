import { notFound } from '@mart/service-kit/errors'
import type { Transaction } from '@mart/service-kit/postgres'
import { wantLook } from '../provider-calls/look-store.ts'
import { nothingToReplay, type ProviderEvent, type Told } from '../provider-news.ts'
import { lockRecord } from '../record-store.ts'
import { readEvent } from '../stripe/stripe-news.ts'
import { isEvent } from '../stripe/stripe-objects.ts'
import {
  dropOldEvents,
  readEventToReplay,
  type StoredEvent,
  setFate,
  setReplayed,
  storeEvent,
} from './provider-event-store.ts'

const LOOKS_GO_ON_MS = 24 * 60 * 60_000

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
    await lookAgain(tx, id, event)
    return null
  }
  const notified = isEvent(event.payload) ? readEvent(event.payload) : null
  if (!notified) throw nothingToReplay()
  return { news: notified.news, about: notified.about, replayed: id }
}

async function lookAgain(tx: Transaction, id: string, event: StoredEvent): Promise<void> {
  if (event.attempt_id === null) throw nothingToReplay()
  // The payment first, as by everybody who looks at a record.
  await lockRecord(tx, { attemptId: event.attempt_id })
  const now = new Date()
  const until = new Date(now.getTime() + LOOKS_GO_ON_MS)
  await wantLook(tx, { attemptId: event.attempt_id, at: now, until, transactionId: event.transaction_id })
  if (event.outcome === 'applied') await setFate(tx, id, { outcome: 'waiting', paymentId: null })
}

/** Providers' events are kept for 90 days. Returns whether there may be more to drop. */
export const dropExpiredEvents = (tx: Transaction): Promise<boolean> => dropOldEvents(tx)

/** An event of a kind that means nothing to us: kept, so that staff can see that it came. */
export async function ignoreEvent(tx: Transaction, event: ProviderEvent): Promise<void> {
  await storeEvent(tx, event, { outcome: 'ignored', paymentId: null })
}
