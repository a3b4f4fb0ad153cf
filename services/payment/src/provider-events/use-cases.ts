import { conflict, notFound } from '@mart/service-kit/errors'
import { isUuid, newId } from '@mart/service-kit/ids'
import type { Transaction } from '@mart/service-kit/postgres'
import { attemptOf } from '../payment-record.ts'
import { wantLook } from '../provider-calls/look-store.ts'
import { lockNamedRecords, lockRecord } from '../record-store.ts'
import { keepChange } from '../record-writer.ts'
import { settle } from '../settle.ts'
import { readEvent } from '../stripe/stripe-news.ts'
import { isEvent } from '../stripe/stripe-objects.ts'
import {
  dropOldEvents,
  type ProviderEvent,
  readEventToReplay,
  type StoredEvent,
  setFate,
  setReplayed,
  storeEvent,
} from './provider-event-store.ts'

const LOOKS_GO_ON_MS = 24 * 60 * 60_000

/**
 * Does once more what a provider's event means, as if it had just come; what it did before is not done twice. Throws
 * Refusal 404, and 409 nothing_to_replay where it still means nothing here. Returns what staff should read in the log.
 */
export async function replayEvent(tx: Transaction, { id, by }: { id: string; by: string }): Promise<string[]> {
  const event = await readEventToReplay(tx, id)
  if (!event) throw notFound('provider event')
  const alarms =
    event.provider === 'stripe' ? await replayStripe(tx, id, event.payload) : await lookAgain(tx, id, event)
  await setReplayed(tx, id, by)
  return alarms
}

async function lookAgain(tx: Transaction, id: string, event: StoredEvent): Promise<string[]> {
  if (event.attempt_id === null) throw nothingToReplay()
  // The payment first, as by everybody who looks at a record.
  await lockRecord(tx, { attemptId: event.attempt_id })
  const now = new Date()
  const until = new Date(now.getTime() + LOOKS_GO_ON_MS)
  await wantLook(tx, { attemptId: event.attempt_id, at: now, until, transactionId: event.transaction_id })
  if (event.outcome === 'applied') await setFate(tx, id, { outcome: 'waiting', paymentId: null })
  return []
}

async function replayStripe(tx: Transaction, id: string, event: object): Promise<string[]> {
  const notified = isEvent(event) ? readEvent(event) : null
  if (!notified) throw nothingToReplay()
  const { news, about } = notified
  const named = { ...about, attemptId: about.attemptId !== null && isUuid(about.attemptId) ? about.attemptId : null }
  const [record] = await lockNamedRecords(tx, [named])
  const attempt = record && attemptOf(record, named.attemptId === null ? named : { attemptId: named.attemptId })
  if (!record || !attempt) throw nothingToReplay()
  const after = settle(record, { news, about: { ...about, attemptId: attempt.id } }, { now: new Date(), newId })
  await setFate(tx, id, { outcome: 'applied', paymentId: record.payment.id })
  return await keepChange(tx, record, after)
}

const nothingToReplay = () => conflict('nothing_to_replay', 'This event is about no payment of this mart.')

/** Providers' events are kept for 90 days. Returns whether there may be more to drop. */
export const dropExpiredEvents = (tx: Transaction): Promise<boolean> => dropOldEvents(tx)

/** An event of a kind that means nothing to us: kept, so that staff can see that it came. */
export async function ignoreEvent(tx: Transaction, event: ProviderEvent): Promise<void> {
  await storeEvent(tx, event, { outcome: 'ignored', paymentId: null })
}
