import { skuKey } from '@mart/contracts/sku'
import type { Fragment, Queryable } from '@mart/service-kit/postgres'
import type { Cart, CartRef, InStock } from './cart.ts'

/** The condition that finds it. */
export const isCart = (db: Queryable, ref: CartRef): Fragment =>
  'secretHash' in ref
    ? db`secret_hash = ${ref.secretHash}`
    : db`customer_id = ${ref.customerId} ${ref.id === undefined ? db`` : db`and id = ${ref.id}`}`

export const cartColumns = (db: Queryable): Fragment => db`id, customer_id, currency, lines, updated_at`

/** What inventory last said of these SKUs, by their `skuKey`. */
export async function stockOf(db: Queryable, skus: readonly string[]): Promise<Map<string, InStock>> {
  if (skus.length === 0) return new Map()
  const rows = await db<(InStock & { sku_key: string })[]>`
    select sku_key, availability, available from sku_availability where sku_key = any(${skus.map(skuKey)}::text[])`
  return new Map(rows.map(({ sku_key, ...stock }) => [sku_key, stock]))
}

export async function findCart(db: Queryable, ref: CartRef): Promise<(Cart & { used_today: boolean }) | null> {
  const [cart] = await db<(Cart & { used_today: boolean })[]>`
    select ${cartColumns(db)}, used_on = current_date as used_today from carts where ${isCart(db, ref)}`
  return cart ?? null
}
