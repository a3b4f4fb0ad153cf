import { Refusal } from '@mart/service-kit/errors'
import { isUuid, newId } from '@mart/service-kit/ids'
import type { Transaction } from '@mart/service-kit/postgres'
import { withTraces } from '@mart/service-kit/tracing'
import { attemptOf, type PaymentRecord } from '../payment-record.ts'
import {
  type EventToStore,
  endWaiting,
  keyOf,
  readMartId,
  setFate,
  storeEvents,
} from '../provider-events/provider-event-store.ts'
import { nothingToReplay, type Told } from '../provider-news.ts'
import { changesOf } from '../record-change.ts'
import { lockNamedRecords, type Named } from '../record-store.ts'
import { saveChanges } from '../record-writer.ts'
import { settle } from '../settle.ts'

const FIRST_HOUR_MS = 60 * 60_000

/** What staff should read in the log; a Refusal 404 for a payment of this mart that is not here yet: say it again later. */
export type Applied = readonly string[] | Refusal

/**
 * Does what providers told us, each once, in the order in which it came: finds the records, settles, keeps. A notification
 * is stored in the same transaction. Returns what became of each.
 */
export async function updateRecords(tx: Transaction, all: readonly Told[]): Promise<Applied[]> {
  const notified = all.some(({ notification }) => notification)
  const [records, martId] = await Promise.all([lockNamedRecords(tx, namesOf(all)), notified ? readMartId(tx) : ''])
  const found = namesOf(all).map((one) => findAttempt(records, one))
  const fates = all.map((told, place) => fateOf(told, found[place]?.record.payment.id ?? null, martId))
  const isNew = await storeEvents(
    tx,
    fates.flatMap((fate) => (fate instanceof Refusal ? [] : (fate ?? []))),
  )
  const { changes, change } = changesOf(records)
  const applied = all.map(({ news, about, call, notification, replayed }, place): Applied => {
    const fate = fates[place]
    if (fate instanceof Refusal) return fate
    const ours = found[place]
    if (!notification && !ours) throw replayed ? nothingToReplay() : new RangeError(`No attempt ${about.attemptId}`)
    // Deleted: the same event a second time in this batch is a repeat.
    if (!ours || (notification && !isNew.delete(keyOf(notification.event)))) return []
    const heard = { news, about: { ...about, attemptId: ours.attemptId }, ...(call && { call }) }
    return change(ours.record, (record) => settle(record, heard, { now: new Date(), newId })).alarms
  })
  await withTraces(tracesOf(all, found), () => saveChanges(tx, changes))
  await endWaiting(
    tx,
    all.flatMap(({ news, about, call }) =>
      call?.kind === 'poll' && news.kind !== 'no_answer' ? (about.attemptId ?? []) : [],
    ),
  )
  for (const [place, { replayed }] of all.entries()) {
    if (replayed)
      await setFate(tx, replayed, { outcome: 'applied', paymentId: found[place]?.record.payment.id ?? null })
  }
  return applied
}

export const alarmsIn = (applied: readonly Applied[]): string[] =>
  applied.flatMap((one) => (one instanceof Refusal ? [] : one))

/** A name that no attempt of ours can have counts as none. */
function namesOf(all: readonly Told[]): Named[] {
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
    if (attempt) return { record, attemptId: attempt.id, traceparent: attempt.traceparent }
  }
  return null
}

type Found = ReturnType<typeof findAttempt>

/** Of each order that something was told about, by its id. */
function tracesOf(all: readonly Told[], found: readonly Found[]): Map<string, string> {
  return new Map(
    all.flatMap(({ trace }, place) => {
      const { record, traceparent } = found[place] ?? {}
      if (!trace || !record || traceparent === undefined) return []
      const { order_id, id: payment_id } = record.payment
      return [[order_id, trace({ order_id, payment_id, traceparent })]]
    }),
  )
}

function fateOf({ notification }: Told, paymentId: string | null, ours: string): EventToStore | Refusal | null {
  if (!notification) return null
  const { event, happenedAt, martId } = notification
  if (paymentId) return { ...event, outcome: 'applied', paymentId }
  const isFresh = Date.now() - happenedAt.getTime() < FIRST_HOUR_MS
  if (isFresh && martId === ours) {
    return new Refusal(404, 'payment_not_here', 'The payment is not here yet: say it again later.')
  }
  return { ...event, outcome: 'not_ours', paymentId: null }
}
