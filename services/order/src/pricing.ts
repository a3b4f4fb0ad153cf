import type { OrderedLine } from '@mart/contracts/events/order-events'
import { MAX_AMOUNT, type Money } from '@mart/contracts/money'
import { type Names, namesOf } from '@mart/contracts/names'
import { skuKey } from '@mart/contracts/sku'
import type { FieldError } from '@mart/service-kit/errors'

export interface WantedLine {
  readonly sku: string
  readonly quantity: number
}

export interface CatalogueEntry extends Names {
  readonly sku: string
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
  /** Per currency, in minor units; in one without a rate nothing is sold. */
  readonly shippingRates: Readonly<Record<string, number>>
  /** The subtotal per currency from which delivery costs nothing; one that is not named has none. */
  readonly freeShippingFrom: Readonly<Record<string, number>>
  /** Pieces of one SKU in one order, unless the SKU has a limit of its own. */
  readonly maxQuantity: number
}

export const isSoldIn = (currency: string, { shippingRates }: BasketRules): boolean =>
  shippingRates[currency] !== undefined

export const currencyNotOffered = (currency: string): FieldError => ({
  field: 'currency',
  code: 'currency_not_offered',
  message: `nothing is sold in ${currency}`,
})

export const mostOf = (entry: CatalogueEntry | undefined, { maxQuantity }: BasketRules): number =>
  entry?.max_quantity ?? maxQuantity

export const priceIn = ({ prices }: CatalogueEntry, currency: string): Money | undefined =>
  prices.find((one) => one.currency === currency)

/** What the delivery of goods for `subtotal` costs, in a cart as in an order. */
export function shippingFor(
  subtotal: number,
  currency: string,
  { shippingRates, freeShippingFrom }: BasketRules,
): number {
  const isFree = subtotal >= (freeShippingFrom[currency] ?? Number.POSITIVE_INFINITY)
  return isFree ? 0 : (shippingRates[currency] ?? 0)
}

/**
 * Prices a basket by the shop's own catalogue, whose entries are found by `skuKey`: the sums, and every fault of every
 * line at once.
 */
export function priceBasket(
  wanted: readonly WantedLine[],
  currency: string,
  catalogue: ReadonlyMap<string, CatalogueEntry>,
  rules: BasketRules,
): { basket: PricedBasket; faults: FieldError[] } {
  const faults: FieldError[] = []
  const lines: OrderedLine[] = []
  if (!isSoldIn(currency, rules)) faults.push(currencyNotOffered(currency))
  for (const { sku, quantity, index } of merged(wanted)) {
    const field = `lines[${index}].sku`
    const entry = catalogue.get(skuKey(sku))
    const most = mostOf(entry, rules)
    const price = entry && priceIn(entry, currency)
    if (!entry) faults.push({ field, code: 'unknown_sku', message: `there is no ${sku}` })
    else if (!entry.for_sale) faults.push({ field, code: 'not_for_sale', message: `${sku} is not sold any more` })
    else if (!price) faults.push({ field, code: 'no_price', message: `${sku} has no price in ${currency}` })
    else if (quantity > most) faults.push(tooMany(entry.sku, most, index))
    else lines.push({ sku: entry.sku, ...namesOf(entry), quantity, unit_price: price.amount })
  }
  if (lines.length === 0 && faults.length === 0) {
    faults.push({ field: 'lines', code: 'minItems', message: 'there is nothing to order' })
  }
  const subtotal = lines.reduce((sum, line) => sum + line.unit_price * line.quantity, 0)
  const shipping = shippingFor(subtotal, currency, rules)
  const total = subtotal + shipping
  if (total > MAX_AMOUNT)
    faults.push({ field: 'lines', code: 'total_too_large', message: 'the total is beyond any order' })
  return { basket: { lines, subtotal, shipping, total }, faults }
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
