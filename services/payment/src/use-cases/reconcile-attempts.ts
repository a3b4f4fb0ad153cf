import { newId } from '@mart/service-kit/ids'
import { onceCommitted, type Transaction } from '@mart/service-kit/postgres'
import { type Leases, longestLeaseEnd } from '../leases.ts'
import { isLive } from '../payment.ts'
import { lockStory } from '../payment-store.ts'
import type { Answer, ProviderCall } from '../provider-calls.ts'
import { readMartId } from '../provider-event-store.ts'
import { settle } from '../provider-news.ts'
import { announce } from '../provider-work.ts'
import { type FindingKind, findingOf } from '../reconciliation.ts'
import {
  addFinding,
  askReconciliation,
  countProgress,
  endReconciliation,
  type Hold,
  leaseReconciliation,
  lockReconciliations,
  type ReconciliationTaken,
} from '../reconciliation-store.ts'
import { keepChange } from '../story-writer.ts'

const EVERY_MS = 60 * 60_000

/** Staff want the providers' records laid beside ours now. Returns the reconciliation's id. */
export async function requestReconciliation(tx: Transaction, by: string): Promise<string> {
  const id = newId()
  await askReconciliation(tx, { id, by, unlessSince: null })
  onceCommitted(tx, announce.reconciliation)
  return id
}

/** Takes the reconciliation that is asked for, by staff or, once an hour, by the clock. */
export async function takeReconciliation(tx: Transaction, leases: Leases): Promise<ReconciliationTaken | null> {
  await lockReconciliations(tx)
  const now = new Date()
  await askReconciliation(tx, { id: newId(), by: null, unlessSince: new Date(now.getTime() - EVERY_MS) })
  return await leaseReconciliation(tx, { runId: newId(), now, leaseEnd: longestLeaseEnd(leases, now) })
}

/** What to ask the provider for an attempt. */
export async function callOf(tx: Transaction, attemptId: string): Promise<ProviderCall | null> {
  const story = await lockStory(tx, { attemptId })
  const attempt = story?.attempts.find(({ id }) => id === attemptId)
  return story && attempt ? { payment: story.payment, attempt, martId: await readMartId(tx) } : null
}

export interface Running extends Hold {
  readonly leases: Leases
}

export interface Reconciled {
  readonly kind: FindingKind | null
  readonly alarms: readonly string[]
}

/** Lays the provider's record beside ours: what can be mended is, the rest is written down for staff. */
export async function reconcileAttempt(tx: Transaction, run: Running, { news, about }: Answer): Promise<Reconciled> {
  const { attemptId } = about
  const story = await lockStory(tx, { attemptId })
  const attempt = story?.attempts.find((one) => one.id === attemptId)
  if (!story || !attempt) throw new RangeError(`There is no attempt ${attemptId}`)
  await goesOn(tx, run, { looked: 1 })
  const finding = findingOf({ attempt, payment: story.payment }, news)
  if (finding) await addFinding(tx, { id: run.id, subject: attemptId, attemptId, method: attempt.method, ...finding })
  const isDecided = isLive(attempt) && (news.kind === 'paid' || news.kind === 'failed' || news.kind === 'expired')
  const tellsFee =
    attempt.status === 'succeeded' && attempt.fee === null && news.kind === 'paid' && news.fee !== undefined
  if (!isDecided && !tellsFee) return { kind: finding?.kind ?? null, alarms: [] }
  const after = settle(story, { news, about }, { now: new Date(), newId })
  await keepChange(tx, story, after)
  return { kind: finding?.kind ?? null, alarms: after.alarms }
}

/** The run goes on: its lease is renewed. Throws where another process has taken it over. */
export const goesOn = (
  tx: Transaction,
  { leases, ...hold }: Running,
  { looked = 0, read = 0 }: { looked?: number; read?: number } = {},
): Promise<void> => countProgress(tx, hold, { looked, read, leaseEnd: longestLeaseEnd(leases, new Date()) })

export const finishReconciliation = (tx: Transaction, hold: Hold): Promise<void> => endReconciliation(tx, hold)
