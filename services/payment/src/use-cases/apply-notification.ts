import { Refusal } from '@mart/service-kit/errors'
import { isUuid, newId } from '@mart/service-kit/ids'
import type { Transaction } from '@mart/service-kit/postgres'
import { attemptOf, type PaymentRecord } from '../payment-record.ts'
import {
  type EventToStore,
  keyOf,
  type ProviderEvent,
  readMartId,
  storeEvents,
} from '../provider-events/provider-event-store.ts'
import { changesOf } from '../record-change.ts'
import { lockNamedRecords, type Named } from '../record-store.ts'
import { keepChanges } from '../record-writer.ts'
import { type About, type News, settle } from '../settle.ts'

const FIRST_HOUR_MS = 60 * 60_000

export interface Notification {
  readonly event: ProviderEvent
  readonly happenedAt: Date
  readonly news: News
  readonly about: Omit<About, 'attemptId'> & { readonly attemptId: string | null }
  readonly martId: string | null
}

/** What staff should read in the log; a Refusal 404 for a payment of this mart that is not here yet: say it again later. */
export type Applied = readonly string[] | Refusal

/**
 * Stores providers' notifications and does what they mean, each once, in the order in which they came. Returns what
 * became of each.
 */
export async function applyNotifications(tx: Transaction, all: readonly Notification[]): Promise<Applied[]> {
  const named = namesOf(all)
  const [records, martId] = await Promise.all([lockNamedRecords(tx, named), readMartId(tx)])
  const found = named.map((one) => findAttempt(records, one))
  const fates = all.map((one, place) => fateOf(one, found[place]?.record.payment.id ?? null, martId))
  const toStore = fates.flatMap((fate) => (fate instanceof Refusal ? [] : fate))
  const isNew = await storeEvents(tx, toStore)

  const { changes, change } = changesOf(records)
  const applied = all.map(({ event, news, about }, place): Applied => {
    const fate = fates[place]!
    if (fate instanceof Refusal) return fate
    const ours = found[place]
    // Deleted: the same event a second time in this batch is a repeat.
    if (!isNew.delete(keyOf(event)) || !ours) return []
    const heard = { news, about: { ...about, attemptId: ours.attemptId } }
    return change(ours.record, (record) => settle(record, heard, { now: new Date(), newId })).alarms
  })
  await keepChanges(tx, changes)
  return applied
}

/** A name that no attempt of ours can have counts as none. */
function namesOf(all: readonly Notification[]): Named[] {
  const own = all.map(({ about: { attemptId, charge } }) => ({
    attemptId: attemptId !== null && isUuid(attemptId) ? attemptId : null,
    charge,
  }))
  // What names a charge alone may come beside the news that brings this charge.
  const ofCharge = new Map(own.map(({ attemptId, charge }) => (attemptId && charge ? [charge, attemptId] : ['', null])))
  return own.map(({ attemptId, charge }) => ({
    attemptId: attemptId ?? (charge ? (ofCharge.get(charge) ?? null) : null),
    charge,
  }))
}

function findAttempt(records: readonly PaymentRecord[], { attemptId, charge }: Named) {
  if (attemptId === null && charge === null) return null
  for (const record of records) {
    const attempt = attemptOf(record, attemptId === null ? { charge } : { attemptId })
    if (attempt) return { record, attemptId: attempt.id }
  }
  return null
}

function fateOf(
  { event, happenedAt, martId }: Notification,
  paymentId: string | null,
  ours: string,
): EventToStore | Refusal {
  if (paymentId) return { ...event, outcome: 'applied', paymentId }
  const isFresh = Date.now() - happenedAt.getTime() < FIRST_HOUR_MS
  if (isFresh && martId === ours) {
    return new Refusal(404, 'payment_not_here', 'The payment is not here yet: say it again later.')
  }
  return { ...event, outcome: 'not_ours', paymentId: null }
}
