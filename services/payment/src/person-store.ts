import type { Transaction } from '@mart/service-kit/postgres'

/** Who of these was erased. */
export async function erasedOf(tx: Transaction, userIds: readonly string[]): Promise<Set<string>> {
  const rows = await tx<{ user_id: string }[]>`
    select user_id from erased_people where user_id = any(${[...userIds]}::uuid[])`
  return new Set(rows.map(({ user_id }) => user_id))
}

/** Takes the person out of every payment, and remembers to keep him out. */
export async function erase(tx: Transaction, userId: string, erasedAt: string): Promise<void> {
  await tx`insert into erased_people (user_id, erased_at) values (${userId}, ${erasedAt}) on conflict do nothing`
  await tx`
    update attempts set basket = basket || '{"email": null, "phone": null}'
    where basket is not null and payment_id in (select id from payments where customer_id = ${userId})`
  await tx`update payments set customer_id = null where customer_id = ${userId}`
}
