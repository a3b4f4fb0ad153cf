import { type EventToPublish, toPublish } from '@mart/contracts/events/define-event'
import { type Availability, StockAvailabilityChanged, StockLow } from '@mart/contracts/events/inventory-events'
import { Refusal } from '@mart/service-kit/errors'

export interface Stock {
  readonly sku: string
  readonly on_hand: number
  readonly reserved: number
  readonly low_stock_at: number
  /** The class that was last said to others. */
  readonly availability: Availability
}

/** What goes onto the shelf of a SKU, or into its reservations; negative: out of it. */
export interface Move {
  readonly sku: string
  readonly on_hand?: number
  readonly reserved?: number
}

export interface StockChange {
  readonly before: Stock
  readonly after: Stock
}

type Shelf = Omit<Stock, 'availability'>

export const availableOf = ({ on_hand, reserved }: Pick<Stock, 'on_hand' | 'reserved'>): number => on_hand - reserved

function availabilityOf(shelf: Shelf): Availability {
  const available = availableOf(shelf)
  if (available <= 0) return 'out'
  return available <= shelf.low_stock_at ? 'low' : 'in_stock'
}

/** The stock with these fields, and the class that it then has. */
export function withChange(stock: Stock, fields: Partial<Shelf>): Stock {
  const shelf = { ...stock, ...fields }
  return { ...shelf, availability: availabilityOf(shelf) }
}

/** All moves summed up: one change for each SKU that they touch. */
export function changesBy(moves: readonly Move[], stocks: readonly Stock[]): StockChange[] {
  const changes = new Map(stocks.map((stock) => [stock.sku, { before: stock, on_hand: 0, reserved: 0, moved: false }]))
  for (const move of moves) {
    const change = changes.get(move.sku)
    if (!change) throw new RangeError(`${move.sku} was moved without being locked`)
    change.on_hand += move.on_hand ?? 0
    change.reserved += move.reserved ?? 0
    change.moved = true
  }
  return [...changes.values()]
    .filter(({ moved }) => moved)
    .map(({ before, on_hand, reserved }) => ({
      before,
      after: withChange(before, { on_hand: before.on_hand + on_hand, reserved: before.reserved + reserved }),
    }))
}

/** What others must hear of these changes: nothing while no class changes, and how many are left while they are few. */
export function newsOf(changes: readonly StockChange[]): EventToPublish[] {
  const changed = changes.filter(({ before, after }) => before.availability !== after.availability)
  const told = changes.filter(
    ({ before, after }) =>
      before.availability !== after.availability ||
      (after.availability === 'low' && availableOf(before) !== availableOf(after)),
  )
  return [
    ...told.map(({ after }) => toPublish(StockAvailabilityChanged, availabilityNews(after))),
    ...changed
      .filter(({ before }) => before.availability === 'in_stock')
      .map(({ after: { low_stock_at, ...after } }) =>
        toPublish(StockLow, { sku: after.sku, available: availableOf(after), low_stock_at }),
      ),
  ]
}

export const availabilityNews = (stock: Stock) => ({
  sku: stock.sku,
  availability: stock.availability,
  available: availableOf(stock),
})

export const unknownSku = (sku: string): Refusal => new Refusal(404, 'unknown_sku', `No product has the SKU ${sku}.`)
