import type { AuditedOrder, AuditedReturn, AuditRecords } from './audit-records.ts'
import { type Check, eachOrder } from './check.ts'

const hasCome = ({ status }: AuditedReturn) => status === 'received' || status === 'refunded'

const piecesOf = (returns: readonly AuditedReturn[], sku: string): number =>
  returns.flatMap(({ received }) => received).reduce((sum, line) => sum + (line.sku === sku ? line.quantity : 0), 0)

/** What goes back for all that has come back: its part of what the goods cost, and the rest with the last piece. */
function owedFor({ lines, subtotal, shipping, total }: AuditedOrder, returns: readonly AuditedReturn[]): number {
  if (lines.every(({ sku, quantity }) => piecesOf(returns, sku) >= quantity)) return total
  const value = lines.reduce((sum, { sku, unit_price }) => sum + unit_price * piecesOf(returns, sku), 0)
  return value === 0 ? 0 : Number((BigInt(Math.max(0, total - shipping)) * BigInt(value)) / BigInt(subtotal))
}

/** The same of each order of which something was to be sent back. */
const eachReturnedOrder = (
  records: AuditRecords,
  faultIn: (order: AuditedOrder, returns: readonly AuditedReturn[]) => string | null,
): string[] =>
  eachOrder(records, (order) => {
    const returns = records.returns.get(order.id)
    return returns ? faultIn(order, returns) : null
  })

/** What was paid for an order; nobody knows more of it than has come. */
function paidFor({ payments }: AuditRecords, { id }: AuditedOrder): { readonly kept: number; readonly back: number } {
  const payment = payments.get(id)
  if (!payment) return { kept: 0, back: 0 }
  return { kept: payment.successes > 0 ? payment.amount : (payment.collected ?? 0), back: payment.to_refund }
}

export const returnChecks: readonly Check[] = [
  {
    promise: '1 never oversold',
    says: 'never more has come back than was delivered',
    check: (_, records) =>
      eachReturnedOrder(records, (order, returns) => {
        if (order.status !== 'delivered') return 'something of it is sent back'
        const sold = new Map(order.lines.map(({ sku, quantity }) => [sku, quantity]))
        const skus = returns.flatMap(({ received }) => received.map(({ sku }) => sku))
        const tooMany = skus.find((sku) => piecesOf(returns, sku) > (sold.get(sku) ?? 0))
        return tooMany ? `${piecesOf(returns, tooMany)} of ${tooMany} have come back` : null
      }),
  },
  {
    promise: '1 never oversold',
    says: 'stock has of each return what can be sold, and no more',
    check: (_, records) =>
      eachReturnedOrder(records, (_order, returns) => {
        for (const { id, received } of returns) {
          const sellable = received.filter(({ condition }) => condition === 'sellable')
          for (const { sku } of received) {
            const expected = sellable.reduce((sum, line) => sum + (line.sku === sku ? line.quantity : 0), 0)
            const moved = records.takenBack.get(`${id} ${sku}`) ?? 0
            if (moved !== expected) return `return ${id} brought ${expected} of ${sku} to sell, stock took ${moved}`
          }
        }
        return null
      }),
  },
  {
    promise: '2 never charged twice, never for nothing',
    says: 'what came back is refunded, once, by what was paid for it; the delivery charge with the last piece',
    check: (_, records) =>
      eachReturnedOrder(records, (order, returns) => {
        const come = returns.filter(hasCome)
        const sum = come.reduce((all, { refund }) => all + refund, 0)
        if (sum !== owedFor(order, come)) return `${owedFor(order, come)} are owed for what came back, not ${sum}`
        const { kept, back } = paidFor(records, order)
        for (const { id, status, refund, refunded } of come) {
          const made = records.refundsOfReturns.get(id) ?? 0
          if (made > refund || (made < refund && back < kept))
            return `return ${id} brings ${refund}, refunded are ${made}`
          if (status === 'refunded' && refunded !== made) return `return ${id} says ${refunded}, refunded are ${made}`
        }
        return null
      }),
  },
  {
    promise: '3 never lost',
    says: 'every return has its messages',
    check: (_, records) =>
      eachReturnedOrder(records, ({ id }, returns) => {
        const wanted = [
          ['return_requested', returns.length],
          ['return_refused', returns.filter(({ status }) => status === 'refused').length],
          ['return_withdrawn', returns.filter(({ status }) => status === 'withdrawn').length],
          ['return_received', returns.filter(hasCome).length],
        ] as const
        const missing = wanted.find(([kind, least]) => (records.messages.get(`${id} ${kind}`) ?? 0) < least)
        return missing ? `not every message ${missing[0]}` : null
      }),
  },
]
