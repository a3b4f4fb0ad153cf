import { newId } from '@mart/service-kit/ids'
import type { Transaction } from '@mart/service-kit/postgres'
import type { Cart, CartLine, CartRef, InStock } from './cart.ts'
import { cartColumns, isCart } from './cart-queries.ts'

/** Locks it until the transaction ends: whoever changes it beside us waits, and sees what we did. */
export async function lockCart(tx: Transaction, ref: CartRef): Promise<Cart | null> {
  const [cart] = await tx<Cart[]>`select ${cartColumns(tx)} from carts where ${isCart(tx, ref)} for update`
  return cart ?? null
}

/** The cart of this secret is there afterwards; whether it was not before. */
export async function addAnonymousCart(tx: Transaction, secretHash: string, currency: string): Promise<boolean> {
  const added = await tx`
    insert into carts (id, secret_hash, currency) values (${newId()}, ${secretHash}, ${currency})
    on conflict (secret_hash) do nothing returning 1`
  return added.length > 0
}

/** The customer's cart is there afterwards; whether it was not before. None for who was erased. */
export async function addCartOf(tx: Transaction, customerId: string, currency: string): Promise<boolean> {
  const added = await tx`
    insert into carts (id, customer_id, currency)
    select ${newId()}, ${customerId}, ${currency}
    where not exists (select from erased_people where customer_id = ${customerId})
    on conflict (customer_id) do nothing returning 1`
  return added.length > 0
}

export async function saveCart(
  tx: Transaction,
  id: string,
  { lines, currency }: { lines: readonly CartLine[]; currency: string },
): Promise<Cart> {
  const [cart] = await tx<Cart[]>`
    update carts set lines = ${JSON.stringify(lines)}::text::jsonb, currency = ${currency}, updated_at = now(),
      used_on = current_date
    where id = ${id} returning ${cartColumns(tx)}`
  return cart!
}

export async function saveUse(tx: Transaction, id: string): Promise<void> {
  await tx`update carts set used_on = current_date where id = ${id}`
}

export async function deleteCart(tx: Transaction, id: string): Promise<void> {
  await tx`delete from carts where id = ${id}`
}

export async function deleteCartOf(tx: Transaction, customerId: string): Promise<void> {
  await tx`delete from carts where customer_id = ${customerId}`
}

/** Deletes a batch of carts that nobody has used for so many days. */
export async function deleteUnused(tx: Transaction, days: number, limit: number): Promise<number> {
  const { count } = await tx`
    delete from carts where id in (
      select id from carts where used_on < current_date - ${days}::int order by used_on limit ${limit}
      for update skip locked)`
  return count
}

/** Keeps what was said last of each; sorted, or two batches deadlock. */
export async function saveAvailability(tx: Transaction, said: ReadonlyMap<string, InStock>): Promise<void> {
  const rows = [...said].toSorted(([a], [b]) => (a < b ? -1 : 1))
  await tx`
    insert into sku_availability (sku_key, availability, available)
    select * from unnest(
      ${rows.map(([key]) => key)}::text[], ${rows.map(([, { availability }]) => availability)}::text[],
      ${rows.map(([, { available }]) => available)}::bigint[])
    on conflict (sku_key) do update set availability = excluded.availability, available = excluded.available`
}
