import type { MovementShape } from '@mart/contracts/http/inventory-shapes'
import type { Transaction } from '@mart/service-kit/postgres'
import type { Movement } from './movement.ts'
import type { Stock, StockChange } from './stock.ts'

/** Locks these SKUs until the transaction ends, always in one order, or two batches at once deadlock. */
export async function lockStock(tx: Transaction, skus: readonly string[]): Promise<Stock[]> {
  return await tx<Stock[]>`
    select sku, on_hand, reserved, low_stock_at, availability from stock
    where sku = any(${[...new Set(skus)]}::text[]) order by sku for no key update`
}

/** The same for the SKUs that are reserved for these orders. */
export async function lockReservedStock(tx: Transaction, orderIds: readonly string[]): Promise<Stock[]> {
  return await tx<Stock[]>`
    select sku, on_hand, reserved, low_stock_at, availability from stock
    where sku in (select sku from reservations where order_id = any(${orderIds as string[]}::uuid[]) and state = 'open')
    order by sku for no key update`
}

/** What was last said about its class more than a day ago. Passes over rows in use: it never waits, so never deadlocks. */
export async function lockStockToRepeat(tx: Transaction, atMost: number): Promise<Stock[]> {
  return await tx<Stock[]>`
    select sku, on_hand, reserved, low_stock_at, availability from stock
    where availability_said_at < now() - interval '1 day'
    order by availability_said_at limit ${atMost} for no key update skip locked`
}

/** Writes differences, not sums: the table's checks then hold whatever the caller believed. */
export async function saveStock(tx: Transaction, changes: readonly StockChange[]): Promise<void> {
  if (changes.length === 0) return
  await tx`
    update stock
    set on_hand = stock.on_hand + change.on_hand, reserved = stock.reserved + change.reserved,
        low_stock_at = change.low_stock_at, availability = change.availability, updated_at = now(),
        availability_said_at = case when stock.availability = change.availability then availability_said_at else now() end
    from unnest(
      ${changes.map(({ after }) => after.sku)}::text[],
      ${changes.map(({ before, after }) => after.on_hand - before.on_hand)}::bigint[],
      ${changes.map(({ before, after }) => after.reserved - before.reserved)}::bigint[],
      ${changes.map(({ after }) => after.low_stock_at)}::int[],
      ${changes.map(({ after }) => after.availability)}::text[])
      as change(sku, on_hand, reserved, low_stock_at, availability)
    where stock.sku = change.sku`
}

export async function saveRepeated(tx: Transaction, skus: readonly string[]): Promise<void> {
  await tx`update stock set availability_said_at = now() where sku = any(${skus as string[]}::text[])`
}

export async function addMovements(tx: Transaction, movements: readonly Movement[]): Promise<MovementShape[]> {
  const rows = await tx<(Omit<MovementShape, 'at'> & { at: Date })[]>`
    insert into movements (sku, delta, reason, on_hand_after, by, note)
    select * from unnest(
      ${movements.map((movement) => movement.sku)}::text[],
      ${movements.map((movement) => movement.delta)}::bigint[],
      ${movements.map((movement) => movement.reason)}::text[],
      ${movements.map((movement) => movement.on_hand_after)}::bigint[],
      ${movements.map((movement) => movement.by)}::text[],
      ${movements.map((movement) => movement.note)}::text[])
    returning id, sku, delta, reason, on_hand_after, at, by, note`
  return rows.map((row) => ({ ...row, at: row.at.toISOString() }))
}

/** Remembers the newest version of each product; returns the products of which it is news. */
export async function saveVersions(
  tx: Transaction,
  products: readonly { product_id: string; version: number }[],
): Promise<Set<string>> {
  const rows = await tx<{ id: string }[]>`
    insert into products (id, version)
    select * from unnest(
      ${products.map((product) => product.product_id)}::uuid[], ${products.map((product) => product.version)}::int[])
    on conflict (id) do update set version = excluded.version where products.version < excluded.version
    returning id`
  return new Set(rows.map((row) => row.id))
}

/** Makes a stock row of 0 for each SKU that has none. */
export async function addSkus(tx: Transaction, skus: readonly string[], lowStockAt: number): Promise<void> {
  await tx`
    insert into stock (sku, low_stock_at) select sku, ${lowStockAt} from unnest(${skus as string[]}::text[]) as sku
    on conflict do nothing`
}
