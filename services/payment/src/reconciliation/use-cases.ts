import { isUuid, newId } from '@mart/service-kit/ids'
import { onceCommitted, type Transaction } from '@mart/service-kit/postgres'
import { type Leases, longestLeaseEnd } from '../provider-calls/leases.ts'
import type { ProviderCall } from '../provider-calls/provider-calls.ts'
import { announce } from '../provider-calls/provider-work.ts'
import { readMartId } from '../provider-events/provider-event-store.ts'
import type { Answer, Notified } from '../provider-news.ts'
import { lockRecord } from '../record-store.ts'
import { type FindingKind, findingOf, findingOfEvent, mends } from './reconciliation.ts'
import {
  addFinding,
  askReconciliation,
  type ClaimedReconciliation,
  countProgress,
  endReconciliation,
  type Hold,
  leaseReconciliation,
  lockReconciliations,
  readListedEvent,
} from './reconciliation-store.ts'

const EVERY_MS = 60 * 60_000

/** Staff want the providers' records laid beside ours now. Returns the reconciliation's id. */
export async function requestReconciliation(tx: Transaction, by: string): Promise<string> {
  const id = newId()
  await askReconciliation(tx, { id, by, unlessSince: null })
  onceCommitted(tx, announce.reconciliation)
  return id
}

/** Takes the reconciliation that is asked for, by staff or, once an hour, by the clock. */
export async function claimReconciliation(tx: Transaction, leases: Leases): Promise<ClaimedReconciliation | null> {
  await lockReconciliations(tx)
  const now = new Date()
  await askReconciliation(tx, { id: newId(), by: null, unlessSince: new Date(now.getTime() - EVERY_MS) })
  return await leaseReconciliation(tx, { runId: newId(), now, leaseEnd: longestLeaseEnd(leases, now) })
}

/** What to ask the provider for an attempt. */
export async function pollOf(tx: Transaction, attemptId: string): Promise<ProviderCall | null> {
  const record = await lockRecord(tx, { attemptId })
  const attempt = record?.attempts.find(({ id }) => id === attemptId)
  return record && attempt ? { payment: record.payment, attempt, martId: await readMartId(tx) } : null
}

export interface Running extends Hold {
  readonly leases: Leases
}

/** Whether the provider's record, laid beside ours, tells what is to be done here; what it finds is written down for staff. */
export async function compareRecords(
  tx: Transaction,
  run: Running,
  { news, about: { attemptId } }: Answer,
): Promise<{ kind: FindingKind | null; mends: boolean }> {
  const record = await lockRecord(tx, { attemptId })
  const attempt = record?.attempts.find(({ id }) => id === attemptId)
  if (!record || !attempt) throw new RangeError(`There is no attempt ${attemptId}`)
  await goesOn(tx, run, { looked: 1 })
  const finding = findingOf({ attempt, payment: record.payment }, news)
  if (finding) await addFinding(tx, { id: run.id, subject: attemptId, attemptId, method: attempt.method, ...finding })
  return { kind: finding?.kind ?? null, mends: mends(attempt, news) }
}

/** The run goes on: its lease is renewed. Throws where another process has taken it over. */
export const goesOn = (
  tx: Transaction,
  { leases, ...hold }: Running,
  { looked = 0, read = 0 }: { looked?: number; read?: number } = {},
): Promise<void> => countProgress(tx, hold, { looked, read, leaseEnd: longestLeaseEnd(leases, new Date()) })

export const finishReconciliation = (tx: Transaction, hold: Hold): Promise<void> => endReconciliation(tx, hold)

export interface Listed {
  /** Of the reconciliation. */
  readonly id: string
  readonly event: { readonly id: string; readonly type: string }
  readonly notified: Notified
}

/** Writes down what has become of an event of Stripe's list, in the transaction that has applied it. */
export async function noteEvent(tx: Transaction, { id, event, notified }: Listed): Promise<FindingKind | null> {
  const { news, about, martId } = notified
  const attemptId = about.attemptId !== null && isUuid(about.attemptId) ? about.attemptId : null
  const kept = await readListedEvent(tx, { eventId: event.id, attemptId, charge: about.charge })
  const { outcome, is_new: isNew, amount, currency } = kept
  const payment = amount === null || currency === null ? null : { amount, currency }
  const namesThisMart = martId === (await readMartId(tx))
  const finding = findingOfEvent(event, news, { outcome, isNew, namesThisMart, payment })
  if (!finding) return null
  await addFinding(tx, { id, subject: event.id, attemptId: kept.attempt_id, method: 'stripe', ...finding })
  return finding.kind
}

export interface NotCompared {
  /** Of the reconciliation. */
  readonly id: string
  readonly subject: string
  readonly attemptId?: string
  readonly method: string
  readonly detail: string
}

/** What could not be compared is in the report too: it must not read as if all were well. */
export const noteNotCompared = (tx: Transaction, { attemptId, ...what }: NotCompared): Promise<void> =>
  addFinding(tx, { ...what, attemptId: attemptId ?? null, kind: 'not_compared' })
