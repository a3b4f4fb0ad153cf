import type { AuditedOrder } from './audit-records.ts'
import { type Check, eachOrder, faultsOf, goodsLeft } from './check.ts'

const holdsGoods = new Set(['awaiting_payment', 'confirmed'])

const needed = (order: AuditedOrder) => JSON.stringify(order.lines.map((line) => `${line.sku} ${line.quantity}`).sort())

export const stockChecks: readonly Check[] = [
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
    check: (_, records) =>
      eachOrder(records, (order) => {
        const all = records.reservations.get(order.id) ?? []
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
]
