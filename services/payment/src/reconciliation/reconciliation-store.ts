import type { Transaction } from '@mart/service-kit/postgres'
import type { Finding } from './reconciliation.ts'

/** One process's hold on a reconciliation. */
export interface Hold {
  readonly id: string
  readonly runId: string
}

export interface ClaimedReconciliation extends Hold {
  /** Null: the clock. */
  readonly askedBy: string | null
}

/** Two processes that ask at once would both find that nobody has: one waits for the other. */
export async function lockReconciliations(tx: Transaction): Promise<void> {
  await tx`select from mart for update`
}

/**
 * Takes one that is asked for, under a lease; null when there is none, or one is under way. One that broke off begins
 * anew: what it mended stays in its report, what else it found is looked for again.
 */
export async function leaseReconciliation(
  tx: Transaction,
  { runId, now, leaseEnd }: { runId: string; now: Date; leaseEnd: Date },
): Promise<ClaimedReconciliation | null> {
  const [taken] = await tx<ClaimedReconciliation[]>`
    update reconciliations set lease_until = ${leaseEnd}, run_id = ${runId}, looked_at = 0, events_read = 0
    where id = (select id from reconciliations where finished_at is null order by id limit 1)
      and not exists (select from reconciliations where finished_at is null and lease_until > ${now})
    returning id, run_id as "runId", asked_by as "askedBy"`
  if (taken) await tx`delete from reconciliation_findings where reconciliation_id = ${taken.id} and kind <> 'mended'`
  return taken ?? null
}

/** Asks for one, unless one was asked for since `unlessSince`. */
export async function askReconciliation(
  tx: Transaction,
  { id, by, unlessSince }: { id: string; by: string | null; unlessSince: Date | null },
): Promise<void> {
  await tx`
    insert into reconciliations (id, asked_by)
    select ${id}, ${by}::uuid
    where ${unlessSince}::timestamptz is null
      or not exists (select from reconciliations where asked_at > ${unlessSince}::timestamptz)`
}

export interface Progress {
  readonly looked: number
  readonly read: number
  readonly leaseEnd: Date
}

/** Renews the lease. Throws where another process has taken over: whatever this transaction wrote is undone. */
export async function countProgress(tx: Transaction, { id, runId }: Hold, progress: Progress): Promise<void> {
  const { looked, read, leaseEnd } = progress
  const { count } = await tx`
    update reconciliations
    set looked_at = looked_at + ${looked}, events_read = events_read + ${read}, lease_until = ${leaseEnd}
    where id = ${id} and run_id = ${runId}`
  if (count === 0) throw new Error(`Another process has taken over reconciliation ${id}`)
}

export interface FindingToAdd extends Finding {
  /** Of the reconciliation. */
  readonly id: string
  /** What was compared: an attempt's id, an event's, the name of a list. */
  readonly subject: string
  readonly attemptId: string | null
  readonly method: string
}

export async function addFinding(tx: Transaction, found: FindingToAdd): Promise<void> {
  const { id, subject, attemptId, method, kind, detail } = found
  await tx`
    insert into reconciliation_findings (reconciliation_id, subject, attempt_id, method, kind, detail)
    values (${id}, ${subject}, ${attemptId}, ${method}, ${kind}, ${detail.slice(0, 500)}) on conflict do nothing`
}

export interface ListedEventRow {
  /** Null: it was not kept. */
  readonly outcome: string | null
  /** Whether it was kept in this very transaction. */
  readonly is_new: boolean
  readonly attempt_id: string | null
  readonly amount: number | null
  readonly currency: string | null
}

/** What was kept of an event of Stripe's, and which attempt and payment it is about. */
export async function readListedEvent(
  tx: Transaction,
  { eventId, attemptId, charge }: { eventId: string; attemptId: string | null; charge: string | null },
): Promise<ListedEventRow> {
  const [row] = await tx<ListedEventRow[]>`
    select e.outcome, e.received_at = now() as is_new, p.amount, p.currency, (
      select id from attempts where payment_id = p.id and (id = ${attemptId}::uuid or provider_payment_id = ${charge})
      union all select attempt_id from refunds where payment_id = p.id and provider_payment_id = ${charge}
      limit 1) as attempt_id
    from provider_events e left join payments p on p.id = e.payment_id
    where e.provider = 'stripe' and e.event_id = ${eventId}`
  return row ?? { outcome: null, is_new: false, attempt_id: null, amount: null, currency: null }
}

export async function endReconciliation(tx: Transaction, { id, runId }: Hold): Promise<void> {
  await tx`
    update reconciliations set finished_at = now(), lease_until = null, run_id = null
    where id = ${id} and run_id = ${runId}`
}
