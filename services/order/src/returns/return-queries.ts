import type { Queryable } from '@mart/service-kit/postgres'
import type { Return, ReturnStatus } from './return.ts'
import type { OrderOfReturn } from './return-view.ts'

/** Oldest first. */
export async function returnsOf(db: Queryable, orderId: string): Promise<Return[]> {
  return await db<Return[]>`select * from returns where order_id = ${orderId} order by id`
}

/** When it was handed over; null before. */
export async function deliveredAt(db: Queryable, orderId: string): Promise<Date | null> {
  const [row] = await db<{ at: Date }[]>`
    select at from order_history where order_id = ${orderId} and status = 'delivered' order by n limit 1`
  return row?.at ?? null
}

const MOST_RECEIVED = 1_000

/**
 * For how many seconds the oldest return of each state waits for us: requested since it was asked for, received, with its money
 * still here, since it has come. 0 where none does.
 */
export async function oldestWaitingReturn(db: Queryable): Promise<Record<string, number>> {
  const rows = await db<{ status: string; value: number }[]>`
    select status, greatest(0, coalesce(extract(epoch from now() - since), 0))::float8 as value
    from (
      select 'requested' as status, (
        select requested_at from returns where status = 'requested' order by id limit 1) as since
      union all
      select 'received', (
        select min(updated_at) from (
          select updated_at from returns where status = 'received' limit ${MOST_RECEIVED}) received)
    ) waiting`
  return Object.fromEntries(rows.map(({ status, value }) => [status, value]))
}

export type ListedReturn = Return & OrderOfReturn

/** Of all orders or one customer's, the oldest first, from the one after `afterId`. */
export async function listReturns(
  db: Queryable,
  filter: {
    readonly customerId: string | undefined
    readonly status: ReturnStatus | undefined
    readonly afterId: string | null
    readonly limit: number
  },
): Promise<ListedReturn[]> {
  const { customerId, status, afterId, limit } = filter
  return await db<ListedReturn[]>`
    select r.*, o.number, o.customer_id, o.currency from returns r join orders o on o.id = r.order_id
    where true ${customerId ? db`and o.customer_id = ${customerId}` : db``} ${status ? db`and r.status = ${status}` : db``} ${afterId ? db`and r.id > ${afterId}` : db``}
    order by r.id limit ${limit}`
}
