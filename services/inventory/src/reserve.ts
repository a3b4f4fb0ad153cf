import { availableOf, changesBy, type Stock, type StockChange } from './stock.ts'

export interface Line {
  readonly sku: string
  readonly quantity: number
}

export interface PlacedOrder {
  readonly order_id: string
  readonly lines: readonly Line[]
}

interface Missing {
  readonly sku: string
  readonly requested: number
  readonly available: number
}

export interface Decision {
  readonly order_id: string
  /** The merged lines, all of them, or none. */
  readonly reserved: readonly Line[]
  /** Every SKU that refuses the order; none when it is reserved. */
  readonly missing: readonly Missing[]
}

/** First come, first served, all lines of an order or none; a SKU without a stock row has nothing available. */
export function reserve(
  orders: readonly PlacedOrder[],
  stocks: readonly Stock[],
): { decisions: Decision[]; changes: StockChange[] } {
  const left = new Map(stocks.map((stock) => [stock.sku, availableOf(stock)]))
  const leftOf = (sku: string) => left.get(sku) ?? 0
  const decisions = orders.map(({ order_id, lines }): Decision => {
    const wanted = merged(lines)
    const missing = wanted
      .filter(({ sku, quantity }) => quantity > leftOf(sku))
      .map(({ sku, quantity }) => ({ sku, requested: quantity, available: leftOf(sku) }))
    if (missing.length > 0) return { order_id, reserved: [], missing }
    for (const { sku, quantity } of wanted) left.set(sku, leftOf(sku) - quantity)
    return { order_id, reserved: wanted, missing }
  })
  const taken = decisions.flatMap(({ reserved }) => reserved.map(({ sku, quantity }) => ({ sku, reserved: quantity })))
  return { decisions, changes: changesBy(taken, stocks) }
}

function merged(lines: readonly Line[]): Line[] {
  const quantities = new Map<string, number>()
  for (const { sku, quantity } of lines) quantities.set(sku, (quantities.get(sku) ?? 0) + quantity)
  return [...quantities].map(([sku, quantity]) => ({ sku, quantity }))
}
