import type { Transaction } from '@mart/service-kit/postgres'
import type { Finding } from './reconciliation.ts'

/** Takes one that is asked for, under a lease; null when there is none. */
export async function leaseReconciliation(
  tx: Transaction,
  { now, leaseEnd }: { now: Date; leaseEnd: Date },
): Promise<string | null> {
  const [taken] = await tx<{ id: string }[]>`
    update reconciliations set lease_until = ${leaseEnd}
    where id = (
      select id from reconciliations
      where finished_at is null and (lease_until is null or lease_until <= ${now})
      order by id limit 1 for update skip locked)
    returning id`
  return taken?.id ?? null
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

export async function countLooked(tx: Transaction, id: string, leaseEnd: Date): Promise<void> {
  await tx`update reconciliations set looked_at = looked_at + 1, lease_until = ${leaseEnd} where id = ${id}`
}

export async function addFinding(
  tx: Transaction,
  { id, attemptId, kind, detail }: Finding & { readonly id: string; readonly attemptId: string },
): Promise<void> {
  await tx`
    insert into reconciliation_findings (reconciliation_id, attempt_id, kind, detail)
    values (${id}, ${attemptId}, ${kind}, ${detail.slice(0, 500)}) on conflict do nothing`
}

export async function endReconciliation(tx: Transaction, id: string): Promise<void> {
  await tx`update reconciliations set finished_at = now(), lease_until = null where id = ${id}`
}
