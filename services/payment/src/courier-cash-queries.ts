import type { CourierCashShape } from '@mart/contracts/http/payment-shapes'
import type { Queryable } from '@mart/service-kit/postgres'

interface Row {
  carrier: string | null
  currency: string
  deliveries: number
  due: number
  collected: number
  order_ids: string[]
}

/** What each courier took on one day (UTC, `YYYY-MM-DD`) and owes, per currency. */
export async function listCourierCash(db: Queryable, date: string): Promise<CourierCashShape[]> {
  const rows = await db<Row[]>`
    select carrier, currency, count(*)::int as deliveries, sum(amount)::bigint as due,
      sum(collected)::bigint as collected, array_agg(order_id order by delivered_at) as order_ids
    from payments
    where collected is not null
      and delivered_at >= ${date}::date::timestamp at time zone 'UTC'
      and delivered_at < (${date}::date + 1)::timestamp at time zone 'UTC'
    group by carrier, currency order by carrier, currency`
  return rows.map(({ currency, due, collected, ...row }) => ({
    ...row,
    due: { amount: due, currency },
    collected: { amount: collected, currency },
  }))
}
