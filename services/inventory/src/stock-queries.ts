import type { MovementShape, ReservationShape, StockShape } from '@mart/contracts/http/inventory-shapes'
import { skuKey } from '@mart/contracts/sku'
import type { Queryable } from '@mart/service-kit/postgres'

type StockRow = Omit<StockShape, 'updated_at'> & { updated_at: Date }

const isSku = (db: Queryable, sku: string) => db`upper(sku collate "C") = ${skuKey(sku)}`

const asStock = (row: StockRow): StockShape => ({ ...row, updated_at: row.updated_at.toISOString() })

/** By its SKU in any case. */
export async function findStock(db: Queryable, sku: string): Promise<StockShape | null> {
  const [row] = await db<StockRow[]>`
    select sku, on_hand, reserved, on_hand - reserved as available, low_stock_at, updated_at from stock
    where ${isSku(db, sku)}`
  return row ? asStock(row) : null
}

/** By SKU, from the one after `afterSku`. */
export async function listStock(
  db: Queryable,
  { belowLow, afterSku, limit }: { belowLow: boolean; afterSku: string; limit: number },
): Promise<StockShape[]> {
  const rows = await db<StockRow[]>`
    select sku, on_hand, reserved, on_hand - reserved as available, low_stock_at, updated_at from stock
    where sku > ${afterSku} ${belowLow ? db`and availability <> 'in_stock'` : db``}
    order by sku limit ${limit}`
  return rows.map(asStock)
}

/** Of one SKU, newest first, from the one before `beforeSeq`. */
export async function listMovements(
  db: Queryable,
  { sku, beforeSeq, limit }: { sku: string; beforeSeq: number | null; limit: number },
): Promise<(MovementShape & { seq: number })[]> {
  const rows = await db<(Omit<MovementShape, 'at'> & { at: Date; seq: number })[]>`
    select seq, id, sku, delta, reason, on_hand_after, at, by, note from movements
    where sku = ${sku} ${beforeSeq === null ? db`` : db`and seq < ${beforeSeq}`}
    order by seq desc limit ${limit}`
  return rows.map((row) => ({ ...row, at: row.at.toISOString() }))
}

export interface ReservationPlace {
  readonly orderId: string
  readonly sku: string
}

/** Of one SKU, of one order, or all; the newest order first, from the one behind `behind`. */
export async function listReservations(
  db: Queryable,
  wanted: { sku: string | undefined; orderId: string | undefined; behind: ReservationPlace | null; limit: number },
): Promise<ReservationShape[]> {
  const { sku, orderId, behind, limit } = wanted
  // The first half of the place's condition alone serves the index of a SKU too.
  const rows = await db<
    (Omit<ReservationShape, 'reserved_at' | 'closed_at'> & { reserved_at: Date; closed_at: Date | null })[]
  >`
    select order_id, sku, quantity, state, reserved_at, closed_at from reservations
    where true
      ${sku === undefined ? db`` : db`and sku = (select sku from stock where ${isSku(db, sku)})`}
      ${orderId === undefined ? db`` : db`and order_id = ${orderId}`}
      ${behind ? db`and order_id <= ${behind.orderId} and (order_id, sku) < (${behind.orderId}, ${behind.sku})` : db``}
    order by order_id desc, sku desc limit ${limit}`
  return rows.map((row) => ({
    ...row,
    reserved_at: row.reserved_at.toISOString(),
    closed_at: row.closed_at?.toISOString() ?? null,
  }))
}
