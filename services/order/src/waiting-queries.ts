import { PaymentMethod } from '@mart/contracts/payment-methods'
import type { Queryable } from '@mart/service-kit/postgres'

const MOST_CANCELLING = 1_000

/**
 * For how many seconds the oldest order of each state waits for us: placed and confirmed since they were placed, awaiting
 * payment since its time to pay was over, cancelling since it was asked for. 0 where none does.
 */
export async function oldestWaiting(db: Queryable): Promise<Record<string, number>> {
  const rows = await db<{ status: string; value: number }[]>`
    select status, greatest(0, coalesce(extract(epoch from now() - since), 0))::float8 as value
    from (
      select status, (
        select min(placed_at) from unnest(${[...PaymentMethod.enum]}::text[]) method, lateral (
          select placed_at from orders o where o.status = s.status and payment_method = method
          order by placed_at limit 1) oldest) as since
      from (values ('placed'), ('confirmed')) s (status)
      union all
      select 'awaiting_payment', (
        select min(payment_due_at) from orders where status = 'awaiting_payment' and payment_due_at < now())
      union all
      select 'cancelling', (
        select min(updated_at) from (
          select updated_at from orders where status = 'cancelling' limit ${MOST_CANCELLING}) cancelling)
    ) waiting`
  return Object.fromEntries(rows.map(({ status, value }) => [status, value]))
}
