import type { OrderedLine } from '@mart/contracts/events/order-events'
import { MAX_AMOUNT, type Money } from '@mart/contracts/money'
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
}

export interface PricedBasket {
  readonly lines: readonly OrderedLine[]
  readonly subtotal: number
  readonly shipping: number
  readonly total: number
}

export const MAX_QUANTITY = 999

/** Prices a basket by the shop's own catalogue: the sums, and every fault of every line at once. */
export function priceBasket(
  wanted: readonly WantedLine[],
  currency: string,
  catalogue: ReadonlyMap<string, CatalogueEntry>,
  shippingRates: Readonly<Record<string, number>>,
): { basket: PricedBasket; faults: FieldError[] } {
  const faults: FieldError[] = []
  const lines: OrderedLine[] = []
  const shipping = shippingRates[currency]
  if (shipping === undefined) {
    faults.push({ field: 'currency', code: 'currency_not_offered', message: `nothing is sold in ${currency}` })
  }
  for (const { sku, quantity, field } of merged(wanted)) {
    const entry = catalogue.get(sku)
    const price = entry?.prices.find((one) => one.currency === currency)
    if (!entry) faults.push({ field, code: 'unknown_sku', message: `there is no ${sku}` })
    else if (!entry.for_sale) faults.push({ field, code: 'not_for_sale', message: `${sku} is not sold any more` })
    else if (!price) faults.push({ field, code: 'no_price', message: `${sku} has no price in ${currency}` })
    else if (quantity > MAX_QUANTITY)
      faults.push({ field, code: 'maximum', message: `more than ${MAX_QUANTITY} of ${sku} in all` })
    else lines.push({ sku, name: entry.name, quantity, unit_price: price.amount })
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

/** The same SKU in two lines is one line; its faults name the first of them. */
function merged(wanted: readonly WantedLine[]) {
  const bySku = new Map<string, { sku: string; quantity: number; field: string }>()
  wanted.forEach(({ sku, quantity }, index) => {
    const known = bySku.get(sku)
    if (known) known.quantity += quantity
    else bySku.set(sku, { sku, quantity, field: `lines[${index}].sku` })
  })
  return bySku.values()
}
