import type { AuditedDatabases } from './audited-databases.ts'

/** What each service says of each order: compared by the promises. */
export interface AuditRecords {
  readonly orders: ReadonlyMap<string, AuditedOrder>
  readonly reservations: ReadonlyMap<string, readonly Reservation[]>
  readonly payments: ReadonlyMap<string, AuditedPayment>
  /** Names of messages, as `<order id> <kind>`, with how many there are. */
  readonly messages: ReadonlyMap<string, number>
}

export interface AuditedOrder {
  readonly id: string
  readonly status: string
  readonly payment_method: string
  readonly total: number
  readonly currency: string
  readonly refunding: boolean
  readonly lines: readonly { readonly sku: string; readonly quantity: number }[]
  readonly was_reserved: boolean
}

interface Reservation {
  readonly order_id: string
  readonly sku: string
  readonly quantity: number
  readonly state: string
}

export interface AuditedPayment {
  readonly order_id: string
  readonly method: string
  readonly status: string
  readonly amount: number
  readonly currency: string
  readonly refunded: number
  readonly successes: number
  readonly to_refund: number
}

/** Reads all records; with `untouchedFor` given, only of orders that nothing has changed for that long. */
export async function readAuditRecords(
  databases: AuditedDatabases,
  untouchedFor: string | null,
): Promise<AuditRecords> {
  const [orders, reservations, payments, messages] = await Promise.all([
    databases.order<AuditedOrder[]>`
      select id, status, payment_method, total, currency, refunding, lines,
        exists (select from order_history h where h.order_id = o.id and h.what = 'stock_reserved') as was_reserved
      from orders o where ${untouchedFor}::text is null or updated_at < now() - ${untouchedFor}::text::interval`,
    databases.inventory<Reservation[]>`select order_id, sku, quantity, state from reservations`,
    databases.payment<AuditedPayment[]>`
      select p.order_id, p.method, p.status, p.amount, p.currency, p.refunded,
        (select count(*) from attempts a where a.payment_id = p.id and a.status = 'succeeded') as successes,
        (select coalesce(sum(r.amount), 0)::bigint from refunds r where r.payment_id = p.id) as to_refund
      from payments p`,
    databases.notification<{ order_id: string; kind: string; n: number }[]>`
      select order_id, kind, count(*) as n from messages where order_id is not null group by order_id, kind`,
  ])
  return {
    orders: new Map(orders.map((order) => [order.id, order])),
    reservations: Map.groupBy(reservations, (one) => one.order_id),
    payments: new Map(payments.map((one) => [one.order_id, one])),
    messages: new Map(messages.map(({ order_id, kind, n }) => [`${order_id} ${kind}`, n])),
  }
}
