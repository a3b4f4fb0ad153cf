import type { Ledgers } from './ledgers.ts'

/** What each service says of each order: compared by the promises. */
export interface Accounts {
  readonly orders: ReadonlyMap<string, OrderAccount>
  readonly reservations: ReadonlyMap<string, readonly Reservation[]>
  readonly payments: ReadonlyMap<string, PaymentAccount>
  /** Names of messages, as `<order id> <kind>`, with how many there are. */
  readonly messages: ReadonlyMap<string, number>
}

export interface OrderAccount {
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

export interface PaymentAccount {
  readonly order_id: string
  readonly method: string
  readonly status: string
  readonly amount: number
  readonly currency: string
  readonly refunded: number
  readonly successes: number
  readonly to_refund: number
}

/** Reads all accounts; with `untouchedFor` given, only of orders that nothing has changed for that long. */
export async function readAccounts(ledgers: Ledgers, untouchedFor: string | null): Promise<Accounts> {
  const [orders, reservations, payments, messages] = await Promise.all([
    ledgers.order<OrderAccount[]>`
      select id, status, payment_method, total, currency, refunding, lines,
        exists (select from order_history h where h.order_id = o.id and h.what = 'stock_reserved') as was_reserved
      from orders o where ${untouchedFor}::text is null or updated_at < now() - ${untouchedFor}::text::interval`,
    ledgers.inventory<Reservation[]>`select order_id, sku, quantity, state from reservations`,
    ledgers.payment<PaymentAccount[]>`
      select p.order_id, p.method, p.status, p.amount, p.currency, p.refunded,
        (select count(*) from attempts a where a.payment_id = p.id and a.status = 'succeeded') as successes,
        (select coalesce(sum(r.amount), 0)::bigint from refunds r where r.payment_id = p.id) as to_refund
      from payments p`,
    ledgers.notification<{ order_id: string; kind: string; n: number }[]>`
      select order_id, kind, count(*) as n from messages where order_id is not null group by order_id, kind`,
  ])
  return {
    orders: new Map(orders.map((order) => [order.id, order])),
    reservations: Map.groupBy(reservations, (one) => one.order_id),
    payments: new Map(payments.map((one) => [one.order_id, one])),
    messages: new Map(messages.map(({ order_id, kind, n }) => [`${order_id} ${kind}`, n])),
  }
}
