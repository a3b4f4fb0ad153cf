import type { Transaction } from '@mart/service-kit/postgres'

/** Who of these was erased. Nobody of them is while this transaction lasts; an erasure under way is waited for. */
export async function erasedOf(tx: Transaction, userIds: readonly string[]): Promise<Set<string>> {
  const [, rows] = await Promise.all([
    tx`select pg_advisory_xact_lock_shared(hashtextextended(id, 0)) from unnest(${[...userIds]}::text[]) id`,
    tx<{ user_id: string }[]>`select user_id from erased_people where user_id = any(${[...userIds]}::uuid[])`,
  ])
  return new Set(rows.map(({ user_id }) => user_id))
}

/** Waits for whoever is writing down a payment of theirs, so that it is found. */
export async function rememberErased(tx: Transaction, userId: string, erasedAt: string): Promise<void> {
  await tx`select pg_advisory_xact_lock(hashtextextended(${userId}::text, 0))`
  await tx`insert into erased_people (user_id, erased_at) values (${userId}, ${erasedAt}) on conflict do nothing`
}
