import type { OrderedLine } from '@mart/contracts/events/order-events'
import { MAX_AMOUNT, type Money } from '@mart/contracts/money'
import { skuKey } from '@mart/contracts/sku'
import type { FieldError } from '@mart/service-kit/errors'

export interface WantedLine {
  readonly sku: string
  readonly quantity: number
}

export interface CatalogueEntry {
  readonly sku: string
  readonly name: string
  readonly prices: readonly Money[]
  readonly for_sale: boolean
  /** The most of it that one order may have; null: what the shop says of all. */
  readonly max_quantity: number | null
}

export interface PricedBasket {
  readonly lines: readonly OrderedLine[]
  readonly subtotal: number
  readonly shipping: number
  readonly total: number
}

export interface BasketRules {
  readonly shippingRates: Readonly<Record<string, number>>
  /** Pieces of one SKU in one order, unless the SKU has a limit of its own. */
  readonly maxQuantity: number
}

/**
 * Prices a basket by the shop's own catalogue, whose entries are found by `skuKey`: the sums, and every fault of every
 * line at once.
 */
export function priceBasket(
  wanted: readonly WantedLine[],
  currency: string,
  catalogue: ReadonlyMap<string, CatalogueEntry>,
  { shippingRates, maxQuantity }: BasketRules,
): { basket: PricedBasket; faults: FieldError[] } {
  const faults: FieldError[] = []
  const lines: OrderedLine[] = []
  const shipping = shippingRates[currency]
  if (shipping === undefined) {
    faults.push({ field: 'currency', code: 'currency_not_offered', message: `nothing is sold in ${currency}` })
  }
  for (const { sku, quantity, index } of merged(wanted)) {
    const field = `lines[${index}].sku`
    const entry = catalogue.get(skuKey(sku))
    const most = entry?.max_quantity ?? maxQuantity
    const price = entry?.prices.find((one) => one.currency === currency)
    if (!entry) faults.push({ field, code: 'unknown_sku', message: `there is no ${sku}` })
    else if (!entry.for_sale) faults.push({ field, code: 'not_for_sale', message: `${sku} is not sold any more` })
    else if (!price) faults.push({ field, code: 'no_price', message: `${sku} has no price in ${currency}` })
    else if (quantity > most) faults.push(tooMany(entry.sku, most, index))
    else lines.push({ sku: entry.sku, name: entry.name, quantity, unit_price: price.amount })
  }
  if (lines.length === 0 && faults.length === 0) {
    faults.push({ field: 'lines', code: 'minItems', message: 'there is nothing to order' })
  }
  const subtotal = lines.reduce((sum, line) => sum + line.unit_price * line.quantity, 0)
  const total = subtotal + (shipping ?? 0)
  if (total > MAX_AMOUNT)
    faults.push({ field: 'lines', code: 'total_too_large', message: 'the total is beyond any order' })
  return { basket: { lines, subtotal, shipping: shipping ?? 0, total }, faults }
}

const tooMany = (sku: string, most: number, index: number): FieldError => ({
  field: `lines[${index}].quantity`,
  code: 'max_quantity',
  message: `an order may have at most ${most} of ${sku}, all of its lines together`,
})

/** The same SKU in two lines is one line; its faults name the first of them. */
function merged(wanted: readonly WantedLine[]) {
  const bySku = new Map<string, { sku: string; quantity: number; index: number }>()
  wanted.forEach(({ sku, quantity }, index) => {
    const known = bySku.get(skuKey(sku))
    if (known) known.quantity += quantity
    else bySku.set(skuKey(sku), { sku, quantity, index })
  })
  return bySku.values()
}
