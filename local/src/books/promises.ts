import type { Accounts, OrderAccount } from './accounts.ts'
import type { Ledger, Ledgers } from './ledgers.ts'
import { speakers } from './ledgers.ts'

export interface Finding {
  readonly promise: string
  readonly says: string
  /** What speaks against it, a line each. */
  readonly faults: readonly string[]
}

type Check = (ledgers: Ledgers, accounts: Accounts) => Promise<readonly string[]> | readonly string[]

const faultsOf = async (ledger: Ledger, query: string): Promise<string[]> =>
  (await ledger.unsafe<{ fault: string }[]>(query)).map((row) => row.fault)

const holdsGoods = new Set(['awaiting_payment', 'confirmed'])
const goodsLeft = new Set(['shipped', 'delivered', 'undelivered'])

const eachOrder = ({ orders }: Accounts, faultIn: (order: OrderAccount) => string | null): string[] =>
  [...orders.values()].flatMap((order) => {
    const fault = faultIn(order)
    return fault ? [`order ${order.id} (${order.status}): ${fault}`] : []
  })

const needed = (order: OrderAccount) => JSON.stringify(order.lines.map((line) => `${line.sku} ${line.quantity}`).sort())

/** DESIGN §2, 1 to 4 and 6, as questions to the databases. */
export const checks: readonly { readonly promise: string; readonly says: string; readonly check: Check }[] = [
  {
    promise: '1 never oversold',
    says: 'no SKU has less than nothing, or more reserved than there is',
    check: ({ inventory }) =>
      faultsOf(
        inventory,
        `select sku || ': on hand ' || on_hand || ', reserved ' || reserved as fault from stock
         where on_hand < 0 or reserved < 0 or reserved > on_hand`,
      ),
  },
  {
    promise: '1 never oversold',
    says: 'stock is the sum of its movements',
    check: ({ inventory }) =>
      faultsOf(
        inventory,
        `select s.sku || ': on hand ' || s.on_hand || ', movements ' || coalesce(m.sum, 0) as fault
         from stock s left join (select sku, sum(delta) from movements group by sku) m using (sku)
         where s.on_hand <> coalesce(m.sum, 0)`,
      ),
  },
  {
    promise: '1 never oversold',
    says: 'what is reserved is the sum of open reservations',
    check: ({ inventory }) =>
      faultsOf(
        inventory,
        `select s.sku || ': reserved ' || s.reserved || ', open reservations ' || coalesce(r.sum, 0) as fault
         from stock s left join
           (select sku, sum(quantity) from reservations where state = 'open' group by sku) r using (sku)
         where s.reserved <> coalesce(r.sum, 0)`,
      ),
  },
  {
    promise: '1 never oversold',
    says: 'every order has the goods that it claims, and no other holds any',
    check: (_, accounts) =>
      eachOrder(accounts, (order) => {
        const all = accounts.reservations.get(order.id) ?? []
        const inState = (state: string) =>
          JSON.stringify(
            all
              .filter((one) => one.state === state)
              .map((one) => `${one.sku} ${one.quantity}`)
              .sort(),
          )
        if (holdsGoods.has(order.status) && inState('open') !== needed(order))
          return `needs ${needed(order)}, holds ${inState('open')}`
        if (goodsLeft.has(order.status) && inState('committed') !== needed(order))
          return `sent ${needed(order)}, stock gave ${inState('committed')}`
        if (order.status === 'cancelled' && inState('open') !== '[]') return `still holds ${inState('open')}`
        return null
      }),
  },
  {
    promise: '2 never charged twice, never for nothing',
    says: 'at most one successful payment per order, of its total',
    check: (_, accounts) =>
      eachOrder(accounts, (order) => {
        const payment = accounts.payments.get(order.id)
        if (!payment) return null
        if (payment.successes > 1) return `${payment.successes} attempts succeeded`
        if (payment.amount !== order.total || payment.currency !== order.currency)
          return `total ${order.total} ${order.currency}, payment ${payment.amount} ${payment.currency}`
        return null
      }),
  },
  {
    promise: '2 never charged twice, never for nothing',
    says: 'goods go only where money has come, or is due at the door',
    check: (_, accounts) =>
      eachOrder(accounts, (order) => {
        if (order.status !== 'confirmed' && !goodsLeft.has(order.status)) return null
        const payment = accounts.payments.get(order.id)
        if (!payment) return 'payment has never heard of it'
        if (order.payment_method === 'cash_on_delivery')
          return payment.method === 'cash_on_delivery' ? null : `paid by ${payment.method}`
        return payment.successes === 1 ? null : `payment is ${payment.status}`
      }),
  },
  {
    promise: '2 never charged twice, never for nothing',
    says: 'money for a cancelled order went back, or is a refund task',
    check: (_, accounts) =>
      eachOrder(accounts, (order) => {
        const payment = accounts.payments.get(order.id)
        if (order.status !== 'cancelled' || !payment || payment.successes === 0) return null
        const back = Math.max(payment.refunded, payment.to_refund)
        return back >= payment.amount ? null : `${payment.amount} came, ${back} is on its way back`
      }),
  },
  {
    promise: '3 never lost',
    says: 'nothing is left in an outbox',
    check: async (ledgers) =>
      (
        await Promise.all(
          speakers.map((name) =>
            faultsOf(
              ledgers[name],
              `select '${name}: ' || count(*) || ' events wait' as fault from outbox
               where said_at < now() - interval '10 s' having count(*) > 0`,
            ),
          ),
        )
      ).flat(),
  },
  {
    promise: '3 never lost',
    says: 'no order waits for an answer of ours',
    check: ({ order }) =>
      faultsOf(
        order,
        `select 'order ' || id || ' is ' || status || ' since ' || updated_at as fault from orders
         where status in ('placed') and updated_at < now() - interval '10 s'`,
      ),
  },
  {
    promise: '3 never lost',
    says: 'every order has its messages',
    check: (_, accounts) =>
      eachOrder(accounts, (order) => {
        const missing = ['order_received', ...(messageOf[order.status] ?? [])].filter(
          (kind) => !accounts.messages.has(`${order.id} ${kind}`),
        )
        return missing.length > 0 ? `no message ${missing.join(', ')}` : null
      }),
  },
  {
    promise: '4 never twice',
    says: 'every step of an order is written once',
    check: ({ order }) =>
      faultsOf(
        order,
        `select 'order ' || o.id || ' counts ' || o.history_count || ' steps and has ' || count(h) as fault
         from orders o left join order_history h on h.order_id = o.id
         where o.updated_at < now() - interval '10 s' group by o.id having o.history_count <> count(h)
         union all
         select 'event ' || cause_event_id || ' moved an order ' || count(*) || ' times' from order_history
         where cause_event_id is not null group by cause_event_id, order_id having count(*) > 1`,
      ),
  },
  {
    promise: '4 never twice',
    says: 'every idempotency key made one order',
    check: ({ order }) =>
      faultsOf(
        order,
        `select 'key ' || k.key || ' has no order' as fault from idempotency_keys k
         where k.scope like '% POST /orders' and not exists (select from orders o where o.id = (k.answer::jsonb #>> '{}')::uuid)`,
      ),
  },
  {
    promise: '6 never silent',
    says: 'nothing is parked',
    check: async (ledgers) =>
      (
        await Promise.all(
          speakers.map((name) =>
            faultsOf(
              ledgers[name],
              `select '${name}: ' || coalesce(event_type, 'a message') || ' ' || id || ': ' || error as fault
               from parked where dropped_at is null`,
            ),
          ),
        )
      ).flat(),
  },
]

const messageOf: Record<string, readonly string[]> = {
  confirmed: ['order_confirmed'],
  cancelled: ['order_cancelled'],
  shipped: ['order_confirmed', 'order_shipped'],
  delivered: ['order_confirmed', 'order_shipped', 'order_delivered'],
  undelivered: ['order_confirmed', 'order_shipped', 'order_undelivered'],
}
