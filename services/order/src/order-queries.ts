import type { Queryable } from '@mart/service-kit/postgres'
import type { Order } from './order.ts'

export async function findOrder(db: Queryable, id: string): Promise<Order | null> {
  const [order] = await db<Order[]>`select * from orders where id = ${id}`
  return order ?? null
}

export interface OrderPage {
  readonly customerId?: string | undefined
  readonly status?: string | undefined
  readonly before?: string | undefined
  readonly limit: number
}

/** Newest first: ids grow with time. */
export async function listOrders(db: Queryable, { customerId, status, before, limit }: OrderPage): Promise<Order[]> {
  return await db<Order[]>`
    select * from orders
    where true
      ${customerId ? db`and customer_id = ${customerId}` : db``}
      ${status ? db`and status = ${status}` : db``}
      ${before ? db`and id < ${before}` : db``}
    order by id desc limit ${limit}`
}

export interface HistoryRow {
  readonly n: number
  readonly status: string
  readonly what: string
  readonly reason: string | null
  readonly cause_event_id: string | null
  readonly cause_type: string | null
  readonly at: Date
}

export async function historyOf(db: Queryable, orderId: string): Promise<HistoryRow[]> {
  return await db<HistoryRow[]>`
    select n, status, what, reason, cause_event_id, cause_type, at from order_history where order_id = ${orderId} order by n`
}

/** The number of the latest history line of each of these orders. */
export async function latestMoves(db: Queryable, ids: readonly string[]): Promise<Map<string, number>> {
  const rows = await db<{ id: string; history_count: number }[]>`
    select id, history_count from orders where id = any(${ids as string[]}::uuid[])`
  return new Map(rows.map((row) => [row.id, row.history_count]))
}

/** Why an order of this customer was not taken, asked only once it was not. */
export async function isErased(db: Queryable, customerId: string): Promise<boolean> {
  return (await db`select from erased_people where customer_id = ${customerId}`).length > 0
}
