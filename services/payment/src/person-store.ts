import type { Transaction } from '@mart/service-kit/postgres'

/** Who of these was erased. Nobody of them is while this transaction lasts. */
export async function erasedOf(tx: Transaction, userIds: readonly string[]): Promise<Set<string>> {
  const [, rows] = await Promise.all([
    keepUnerased(tx, userIds),
    tx<{ user_id: string }[]>`select user_id from erased_people where user_id = any(${[...userIds]}::uuid[])`,
  ])
  return new Set(rows.map(({ user_id }) => user_id))
}

/** An erasure of any of them waits until this transaction has ended; one under way is waited for. */
export async function keepUnerased(tx: Transaction, userIds: readonly string[]): Promise<void> {
  await tx`select pg_advisory_xact_lock_shared(hashtextextended(id, 0)) from unnest(${[...userIds]}::text[]) id`
}

/** Takes the person out of every payment, and remembers to keep him out. */
export async function erase(tx: Transaction, userId: string, erasedAt: string): Promise<void> {
  await tx`select pg_advisory_xact_lock(hashtextextended(${userId}::text, 0))`
  await tx`insert into erased_people (user_id, erased_at) values (${userId}, ${erasedAt}) on conflict do nothing`
  // The payments first, as by everybody: an attempt that is being written is waited for.
  const payments = await tx<{ id: string }[]>`
    select id from payments where customer_id = ${userId} order by id for update`
  const ids = payments.map(({ id }) => id)
  await tx`
    update attempts set basket = basket || '{"email": null, "phone": null}'
    where basket is not null and payment_id = any(${ids}::uuid[])`
  await tx`update payments set customer_id = null where id = any(${ids}::uuid[])`
}
