import type { Transaction } from '@mart/service-kit/postgres'
import { keepUnerased } from '../person-store.ts'

export interface CashOrder {
  readonly id: string
  readonly order_id: string
  readonly customer_id: string | null
  readonly amount: number
  readonly currency: string
}

/** One statement for all that came together; an order that has a payment or is over stays as it is. */
export async function addCashPayments(tx: Transaction, orders: readonly CashOrder[]): Promise<void> {
  await keepUnerased(
    tx,
    orders.flatMap(({ customer_id }) => customer_id ?? []),
  )
  await tx`
    insert into payments (id, order_id, customer_id, method, status, amount, currency)
    select o.id, o.order_id, case when e.user_id is null then o.customer_id end, 'cash_on_delivery',
      case when v.order_id is null then 'due_on_delivery' else 'voided' end, o.amount, o.currency
    from unnest(
      ${orders.map(({ id }) => id)}::uuid[], ${orders.map(({ order_id }) => order_id)}::uuid[],
      ${orders.map(({ customer_id }) => customer_id)}::uuid[], ${orders.map(({ amount }) => amount)}::bigint[],
      ${orders.map(({ currency }) => currency)}::text[]) as o (id, order_id, customer_id, amount, currency)
    left join erased_people e on e.user_id = o.customer_id
    left join order_voids v on v.order_id = o.order_id
    on conflict (order_id) do nothing`
}
