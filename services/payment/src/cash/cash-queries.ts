import type { CourierCashShape } from '@mart/contracts/http/payment-shapes'
import type { Queryable } from '@mart/service-kit/postgres'
import type { Day } from './shop-day.ts'

interface Row {
  carrier: string | null
  currency: string
  deliveries: number
  due: number
  collected: number
  handed_in: number
  handed_in_by: string[]
  order_ids: string[]
}

/** What each courier took on one day and has handed in, per currency. */
export async function listCourierCash(db: Queryable, { from, to }: Day): Promise<CourierCashShape[]> {
  const rows = await db<Row[]>`
    select carrier, currency, count(*)::int as deliveries, sum(amount)::bigint as due,
      sum(collected)::bigint as collected,
      coalesce(sum(collected) filter (where handed_in_at is not null), 0)::bigint as handed_in,
      coalesce(array_agg(distinct handed_in_by) filter (where handed_in_by is not null), '{}') as handed_in_by,
      array_agg(order_id order by delivered_at) as order_ids
    from payments
    where collected is not null and delivered_at >= ${from} and delivered_at < ${to}
    group by carrier, currency order by carrier, currency`
  return rows.map(({ currency, due, collected, handed_in, ...row }) => ({
    ...row,
    due: { amount: due, currency },
    collected: { amount: collected, currency },
    handed_in: { amount: handed_in, currency },
  }))
}
