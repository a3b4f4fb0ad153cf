import type { ReconciliationShape } from '@mart/contracts/http/reconciliation-shapes'
import type { Queryable } from '@mart/service-kit/postgres'
import type { FindingKind } from './reconciliation.ts'

const OPEN_TOO_LONG = '1 hour'
const LAST_DAYS = '3 days'

/** Attempts that are open too long, and the paid ones of the last days: the next after `afterId`, in order. */
export async function attemptsToReconcile(
  db: Queryable,
  { afterId, limit }: { afterId: string | null; limit: number },
): Promise<string[]> {
  const rows = await db<{ id: string }[]>`
    select id from attempts
    where ((status in ('open', 'processing', 'voiding') and created_at < now() - ${OPEN_TOO_LONG}::interval)
        or (status = 'succeeded' and created_at > now() - ${LAST_DAYS}::interval))
      ${afterId === null ? db`` : db`and id > ${afterId}`}
    order by id limit ${limit}`
  return rows.map(({ id }) => id)
}

/**
 * Which of these events of Stripe's need nothing more. One that names this mart and was kept as nobody's stays open: its
 * payment should be here.
 */
export async function settledEvents(db: Queryable, ids: readonly string[]): Promise<Set<string>> {
  const rows = await db<{ event_id: string }[]>`
    select event_id from provider_events
    where provider = 'stripe' and event_id = any(${ids}::text[])
      and (outcome <> 'not_ours'
        or payload #>> '{data,object,metadata,mart_id}' is distinct from (select id::text from mart))`
  return new Set(rows.map(({ event_id }) => event_id))
}

type Row = Pick<ReconciliationShape, 'id' | 'asked_by' | 'looked_at' | 'events_read' | 'findings'> & {
  asked_at: Date
  finished_at: Date | null
}

/** Newest first, from the one before `beforeId`. */
export async function listReconciliations(
  db: Queryable,
  { beforeId, limit }: { beforeId: string | null; limit: number },
): Promise<ReconciliationShape[]> {
  const rows = await db<Row[]>`
    select r.id, r.asked_by, r.asked_at, r.finished_at, r.looked_at, r.events_read, coalesce((
      select jsonb_agg(jsonb_build_object(
        'attempt_id', f.attempt_id, 'payment_id', p.id, 'order_id', p.order_id, 'method', f.method,
        'kind', f.kind, 'detail', f.detail) order by f.attempt_id, f.subject)
      from reconciliation_findings f
      left join attempts a on a.id = f.attempt_id left join payments p on p.id = a.payment_id
      where f.reconciliation_id = r.id), '[]') as findings
    from reconciliations r
    ${beforeId === null ? db`` : db`where r.id < ${beforeId}`}
    order by r.id desc limit ${limit}`
  return rows.map(({ asked_at, finished_at, ...row }) => ({
    ...row,
    asked_at: asked_at.toISOString(),
    finished_at: finished_at?.toISOString() ?? null,
  }))
}

/** What mends itself, and what its order's own clock ends, is left to nobody. */
const leftToPeople: readonly FindingKind[] = ['missing_here', 'differs', 'unconfirmed', 'not_compared']

/** How long ago the last reconciliation has ended, and what it left to people. */
export async function readReconciliationState(
  db: Queryable,
): Promise<{ age_seconds: number; findings: Record<string, number> }> {
  const [last] = await db<{ age_seconds: number; findings: Record<string, number> }[]>`
    with last as (
      select id, finished_at from reconciliations where finished_at is not null order by id desc limit 1)
    select
      coalesce(extract(epoch from now() - coalesce(
        (select finished_at from last), (select asked_at from reconciliations order by id limit 1))), 0)::float8 as age_seconds,
      coalesce((
        select jsonb_object_agg(kind, n) from (
          select kind, count(*) as n from reconciliation_findings
          where reconciliation_id = (select id from last) and kind = any(${[...leftToPeople]}::text[])
          group by kind) found), '{}') as findings`
  const none = Object.fromEntries(leftToPeople.map((kind) => [kind, 0]))
  return { age_seconds: last!.age_seconds, findings: { ...none, ...last!.findings } }
}
