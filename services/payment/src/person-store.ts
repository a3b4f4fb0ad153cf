import type { Transaction } from '@mart/service-kit/postgres'

export async function isErased(tx: Transaction, userId: string): Promise<boolean> {
  return (await tx`select from erased_people where user_id = ${userId}`).length > 0
}

/** Takes the person out of every payment, and remembers to keep him out. */
export async function erase(tx: Transaction, userId: string, erasedAt: string): Promise<void> {
  await tx`insert into erased_people (user_id, erased_at) values (${userId}, ${erasedAt}) on conflict do nothing`
  await tx`
    update attempts set basket = basket || '{"email": null, "phone": null}'
    where basket is not null and payment_id in (select id from payments where customer_id = ${userId})`
  await tx`update payments set customer_id = null where customer_id = ${userId}`
}
