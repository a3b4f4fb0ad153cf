import type { CourierCashShape } from '@mart/contracts/http/payment-shapes'
import type { Queryable } from '@mart/service-kit/postgres'

interface Row {
  carrier: string | null
  currency: string
  deliveries: number
  due: number
  collected: number
  handed_in: number
  order_ids: string[]
}

/** What each courier took on one day (`YYYY-MM-DD`, where the shop is) and has handed in, per currency. */
export async function listCourierCash(
  db: Queryable,
  { date, zone }: { date: string; zone: string },
): Promise<CourierCashShape[]> {
  const rows = await db<Row[]>`
    select carrier, currency, count(*)::int as deliveries, sum(amount)::bigint as due,
      sum(collected)::bigint as collected,
      coalesce(sum(collected) filter (where handed_in_at is not null), 0)::bigint as handed_in,
      array_agg(order_id order by delivered_at) as order_ids
    from payments
    where collected is not null
      and delivered_at >= ${date}::date::timestamp at time zone ${zone}
      and delivered_at < (${date}::date + 1)::timestamp at time zone ${zone}
    group by carrier, currency order by carrier, currency`
  return rows.map(({ currency, due, collected, handed_in, ...row }) => ({
    ...row,
    due: { amount: due, currency },
    collected: { amount: collected, currency },
    handed_in: { amount: handed_in, currency },
  }))
}
