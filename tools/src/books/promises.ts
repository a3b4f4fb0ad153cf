import { serviceNames } from '@mart/contracts/services'
import { type Check, eachOrder, faultsOf, goodsLeft } from './check.ts'
import { moneyChecks } from './money-checks.ts'
import { returnChecks } from './return-checks.ts'
import { stockChecks } from './stock-checks.ts'

/** The promises that databases can be asked about. */
export const checks: readonly Check[] = [
  ...stockChecks,
  ...moneyChecks,
  ...returnChecks,
  {
    promise: '2 never charged twice, never for nothing',
    says: 'at most one successful payment per order, of its total',
    check: (_, records) =>
      eachOrder(records, (order) => {
        const payment = records.payments.get(order.id)
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
    check: (_, records) =>
      eachOrder(records, (order) => {
        if (order.status !== 'confirmed' && !goodsLeft.has(order.status)) return null
        const payment = records.payments.get(order.id)
        if (order.total === 0) return payment ? `nothing is to be paid, and payment is ${payment.status}` : null
        if (!payment) return 'payment has never heard of it'
        if (order.payment_method === 'cash_on_delivery')
          return payment.method === 'cash_on_delivery' ? null : `paid by ${payment.method}`
        return payment.successes === 1 ? null : `payment is ${payment.status}`
      }),
  },
  {
    promise: '2 never charged twice, never for nothing',
    says: 'money for a cancelled order went back, or is on its way',
    check: (_, records) =>
      eachOrder(records, (order) => {
        const payment = records.payments.get(order.id)
        if (order.status !== 'cancelled' || !payment || payment.successes === 0) return null
        const back = Math.max(payment.refunded, payment.to_refund)
        return back >= payment.amount ? null : `${payment.amount} came, ${back} is on its way back`
      }),
  },
  {
    promise: '3 never lost',
    says: 'nothing is left in an outbox',
    check: async (databases) =>
      (
        await Promise.all(
          serviceNames.map((name) =>
            faultsOf(
              databases[name],
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
    check: (_, records) =>
      eachOrder(records, (order) => {
        const missing = ['order_received', ...(messageOf[order.status] ?? [])].filter(
          (kind) => !records.messages.has(`${order.id} ${kind}`),
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
        `select 'order ' || o.id || ' counts ' || o.history_count || ' steps and has ' || count(h.n) as fault
         from orders o left join order_history h on h.order_id = o.id
         where o.updated_at < now() - interval '10 s' group by o.id having o.history_count <> count(h.n)
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
    check: async (databases) =>
      (
        await Promise.all(
          serviceNames.map((name) =>
            faultsOf(
              databases[name],
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
