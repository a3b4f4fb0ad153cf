import type { Order } from '../order.ts'

type Pieces = readonly { readonly sku: string; readonly quantity: number }[]

/**
 * What goes back for these pieces, beside what went back for those that have come before: their part of all that the goods
 * of the order cost, tax and discount in it. With the last piece of the order the rest goes back, the delivery charge too.
 */
export function refundFor(order: Order, returns: readonly { readonly received: Pieces }[], pieces: Pieces): number {
  const before = returns.flatMap(({ received }) => received)
  return owedFor(order, [...before, ...pieces]) - owedFor(order, before)
}

function owedFor({ lines, subtotal, shipping, total }: Order, pieces: Pieces): number {
  const back = new Map<string, number>()
  for (const { sku, quantity } of pieces) back.set(sku, (back.get(sku) ?? 0) + quantity)
  const backOf = (sku: string) => back.get(sku) ?? 0
  if (lines.every(({ sku, quantity }) => backOf(sku) >= quantity)) return total
  if (subtotal === 0) return 0
  const value = lines.reduce((sum, { sku, unit_price }) => sum + unit_price * backOf(sku), 0)
  // Exact, and rounded down: the last piece brings what is left.
  return Number((BigInt(Math.max(0, total - shipping)) * BigInt(value)) / BigInt(subtotal))
}
