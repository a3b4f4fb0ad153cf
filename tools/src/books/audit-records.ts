import type { AuditedDatabases } from './audited-databases.ts'

/** What each service says of each order: compared by the promises. */
export interface AuditRecords {
  readonly orders: ReadonlyMap<string, AuditedOrder>
  readonly reservations: ReadonlyMap<string, readonly Reservation[]>
  readonly payments: ReadonlyMap<string, AuditedPayment>
  readonly returns: ReadonlyMap<string, readonly AuditedReturn[]>
  /** What was refunded for each return, or is to be. */
  readonly refundsOfReturns: ReadonlyMap<string, number>
  /** What each return has put on the shelf, by `<return id> <sku>`. */
  readonly takenBack: ReadonlyMap<string, number>
  /** Names of messages, as `<order id> <kind>`, with how many there are. */
  readonly messages: ReadonlyMap<string, number>
}

export interface AuditedOrder {
  readonly id: string
  readonly status: string
  readonly payment_method: string
  readonly subtotal: number
  readonly shipping: number
  readonly total: number
  readonly currency: string
  readonly refunding: boolean
  readonly lines: readonly { readonly sku: string; readonly quantity: number; readonly unit_price: number }[]
  readonly was_reserved: boolean
}

export interface AuditedReturn {
  readonly id: string
  readonly order_id: string
  readonly status: string
  readonly received: readonly { readonly sku: string; readonly quantity: number; readonly condition: string }[]
  readonly refund: number
  readonly refunded: number | null
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
  readonly collected: number | null
  readonly successes: number
  readonly to_refund: number
}

/** Reads all records; with `untouchedFor` given, only of orders that nothing has changed for that long. */
export async function readAuditRecords(
  databases: AuditedDatabases,
  untouchedFor: string | null,
): Promise<AuditRecords> {
  const [orders, reservations, payments, messages, returns, refunds, takenBack] = await Promise.all([
    databases.order<AuditedOrder[]>`
      select id, status, payment_method, subtotal, shipping, total, currency, refunding, lines,
        exists (select from order_history h where h.order_id = o.id and h.what = 'stock_reserved') as was_reserved
      from orders o where ${untouchedFor}::text is null or updated_at < now() - ${untouchedFor}::text::interval`,
    databases.inventory<Reservation[]>`select order_id, sku, quantity, state from reservations`,
    databases.payment<AuditedPayment[]>`
      select p.order_id, p.method, p.status, p.amount, p.currency, p.refunded, p.collected,
        (select count(*) from attempts a where a.payment_id = p.id and a.status = 'succeeded') as successes,
        (select coalesce(sum(r.amount), 0)::bigint from refunds r where r.payment_id = p.id) as to_refund
      from payments p`,
    databases.notification<{ order_id: string; kind: string; n: number }[]>`
      select order_id, kind, count(*) as n from messages where order_id is not null group by order_id, kind`,
    databases.order<AuditedReturn[]>`select id, order_id, status, received, refund, refunded from returns`,
    databases.payment<{ return_id: string; sum: number }[]>`
      select return_id, sum(amount)::bigint as sum from refunds where return_id is not null group by return_id`,
    databases.inventory<{ by: string; sku: string; sum: number }[]>`
      select by, sku, sum(delta)::bigint as sum from movements where by like 'return %' group by by, sku`,
  ])
  return {
    orders: new Map(orders.map((order) => [order.id, order])),
    reservations: Map.groupBy(reservations, (one) => one.order_id),
    payments: new Map(payments.map((one) => [one.order_id, one])),
    returns: Map.groupBy(returns, (one) => one.order_id),
    refundsOfReturns: new Map(refunds.map(({ return_id, sum }) => [return_id, sum])),
    takenBack: new Map(takenBack.map(({ by, sku, sum }) => [`${by.slice('return '.length)} ${sku}`, sum])),
    messages: new Map(messages.map(({ order_id, kind, n }) => [`${order_id} ${kind}`, n])),
  }
}
