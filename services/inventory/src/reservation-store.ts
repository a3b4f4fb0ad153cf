import type { Transaction } from '@mart/service-kit/postgres'
import type { Line } from './reserve.ts'

export type ReservedLine = Line & { readonly order_id: string }

/**
 * Remembers these orders and returns those that nobody had heard of. The first statement of whoever changes an
 * order's reservations: a second transaction about the same order waits here for the first.
 */
export async function rememberOrders(tx: Transaction, orderIds: readonly string[]): Promise<Set<string>> {
  const rows = await tx<{ order_id: string }[]>`
    insert into orders_seen (order_id) select * from unnest(${[...new Set(orderIds)].sort()}::uuid[])
    on conflict do nothing returning order_id`
  return new Set(rows.map((row) => row.order_id))
}

/** Remembers these returns and returns those that nobody had heard of: a second transaction about one waits here for the first. */
export async function rememberReturns(tx: Transaction, returnIds: readonly string[]): Promise<Set<string>> {
  const rows = await tx<{ return_id: string }[]>`
    insert into returns_seen (return_id) select * from unnest(${[...new Set(returnIds)].sort()}::uuid[])
    on conflict do nothing returning return_id`
  return new Set(rows.map((row) => row.return_id))
}

export async function addReservations(tx: Transaction, lines: readonly ReservedLine[]): Promise<void> {
  if (lines.length === 0) return
  await tx`
    insert into reservations (order_id, sku, quantity)
    select * from unnest(
      ${lines.map((line) => line.order_id)}::uuid[],
      ${lines.map((line) => line.sku)}::text[],
      ${lines.map((line) => line.quantity)}::bigint[])`
}

/** Closes what is open of these orders, and returns just that. */
export async function closeReservations(
  tx: Transaction,
  orderIds: readonly string[],
  state: 'released' | 'committed',
): Promise<ReservedLine[]> {
  return await tx<ReservedLine[]>`
    update reservations set state = ${state}, closed_at = now()
    where order_id = any(${orderIds as string[]}::uuid[]) and state = 'open'
    returning order_id, sku, quantity`
}
