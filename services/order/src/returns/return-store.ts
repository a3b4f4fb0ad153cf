import type { Transaction } from '@mart/service-kit/postgres'
import { lockOrders } from '../order-store.ts'
import type { Return, Returnable } from './return.ts'
import { deliveredAt, returnsOf } from './return-queries.ts'

/** Locks an order and then reads its returns: of whatever two do at once, the second sees what the first has done. */
export async function lockReturnable(tx: Transaction, orderId: string): Promise<Returnable | null> {
  const order = (await lockOrders(tx, [orderId])).get(orderId)
  if (!order) return null
  return { order, deliveredAt: await deliveredAt(tx, orderId), returns: await returnsOf(tx, orderId) }
}

/** The order that a return is of. */
export async function orderOfReturn(tx: Transaction, id: string): Promise<string | null> {
  const [row] = await tx<{ order_id: string }[]>`select order_id from returns where id = ${id}`
  return row?.order_id ?? null
}

export async function saveReturn(tx: Transaction, one: Return): Promise<void> {
  await tx`
    insert into returns (
      id, order_id, status, lines, received, note, refusal, refund, refunded, requested_at, updated_at)
    select id, order_id, status, lines, received, note, refusal, refund, refunded, requested_at, updated_at
    from jsonb_populate_record(null::returns, ${JSON.stringify(one)}::text::jsonb)
    on conflict (id) do update set
      status = excluded.status, received = excluded.received, refusal = excluded.refusal, refund = excluded.refund,
      refunded = excluded.refunded, updated_at = excluded.updated_at`
}
