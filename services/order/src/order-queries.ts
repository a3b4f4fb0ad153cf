import { isUuid } from '@mart/service-kit/ids'
import type { Queryable } from '@mart/service-kit/postgres'
import type { HistoryRow } from './history-view.ts'
import type { Order } from './order.ts'

/** The order of this id or number. */
export async function findOrder(db: Queryable, idOrNumber: string): Promise<Order | null> {
  const [order] = isUuid(idOrNumber)
    ? await db<Order[]>`select * from orders where id = ${idOrNumber}`
    : await db<Order[]>`select * from orders where number = ${idOrNumber.toUpperCase()}`
  return order ?? null
}

export async function historyOf(db: Queryable, orderId: string): Promise<HistoryRow[]> {
  return await db<HistoryRow[]>`
    select n, status, what, reason, reason_ur, cause_event_id, cause_type, by_id, by_role, at
    from order_history where order_id = ${orderId} order by n`
}

/** Those of these orders that have a later history line than the one that is known of them. */
export async function laterThan(db: Queryable, known: readonly { id: string; n: number }[]): Promise<Order[]> {
  return await db<Order[]>`
    select o.* from unnest(${known.map(({ id }) => id)}::uuid[], ${known.map(({ n }) => n)}::int[]) as known (id, n)
    join orders o on o.id = known.id and o.history_count > known.n`
}

/** Why an order of this customer was not taken, asked only once it was not. */
export async function isErased(db: Queryable, customerId: string): Promise<boolean> {
  return (await db`select from erased_people where customer_id = ${customerId}`).length > 0
}
