import type { Availability } from '@mart/contracts/events/inventory-events'
import { type CartChange, MOST_LINES } from '@mart/contracts/http/cart-shapes'
import type { Money } from '@mart/contracts/money'
import type { Names } from '@mart/contracts/names'
import { skuKey } from '@mart/contracts/sku'
import { conflict, type FieldError, invalidInput, type Refusal } from '@mart/service-kit/errors'
import { isUuid } from '@mart/service-kit/ids'
import { type BasketRules, type CatalogueEntry, mostOf, priceIn, type WantedLine } from '../pricing.ts'
import { hashOf } from '../secrets.ts'

export interface CartLine extends WantedLine {
  /** The price that whoever has the cart saw last; null when there was none. */
  readonly seen: Money | null
}

export interface Cart {
  readonly id: string
  readonly customer_id: string | null
  readonly currency: string
  readonly lines: readonly CartLine[]
  readonly updated_at: Date
}

/** How a cart is reached: by its secret, or by whose it is; with an id it must be that one, too. */
export type CartRef = { readonly secretHash: string } | { readonly customerId: string; readonly id?: string }

/** What a page shows of a SKU, beside its price; null what its product's events have not told yet. */
export interface ShownEntry extends CatalogueEntry {
  readonly product_id: string
  readonly product: Names | null
  /** Null, too, where the product has but one. */
  readonly variant: Names | null
  readonly product_slug: string | null
  readonly image_url: string | null
}

export interface InStock {
  readonly availability: Availability
  readonly available: number
}

export type Entries = ReadonlyMap<string, ShownEntry>

/**
 * How somebody reaches the cart that he names; null when he does not. A secret reaches its cart, whoever shows it; everything
 * else is the customer's own.
 */
export function cartRef(id: string, customerId: string | null): CartRef | null {
  if (id !== 'mine' && !isUuid(id)) return { secretHash: hashOf(id) }
  if (customerId === null) return null
  return id === 'mine' ? { customerId } : { customerId, id }
}

const MOST_PIECES = 999

const isOf = (sku: string) => (line: CartLine) => skuKey(line.sku) === skuKey(sku)
const piecesOf = ({ lines }: Pick<Cart, 'lines'>, sku: string): number => lines.find(isOf(sku))?.quantity ?? 0

/** What is ordered from a cart must be in it: a page that is older than the cart would order it once more. Throws Refusal 409. */
export function mustHold(cart: Cart, ordered: readonly WantedLine[]): void {
  if (ordered.every(({ sku, quantity }) => piecesOf(cart, sku) >= quantity)) return
  throw conflict('cart_changed', 'The cart does not hold this any more: look at it, and order what is in it.')
}

/** That there are not so many of it, as far as inventory has said. */
export function shortageOf(quantity: number, inStock: InStock | undefined): CartChange | null {
  if (inStock?.availability === 'out') return { code: 'out' }
  // How many there are is known exactly only while they are few.
  const isKnown = inStock?.availability === 'low'
  return isKnown && quantity > inStock.available ? { code: 'only_left', left: inStock.available } : null
}

/** What the cart shows as sold out is not ordered from it: the reservation would cancel the whole order. Throws Refusal 409. */
export function mustBeInStock(ordered: readonly WantedLine[], stock: ReadonlyMap<string, InStock>): void {
  const missing = ordered.flatMap(({ sku, quantity }) => {
    const shortage = shortageOf(quantity, stock.get(skuKey(sku)))
    return shortage ? [{ sku, left: shortage.left ?? 0 }] : []
  })
  if (missing.length === 0) return
  const skus = missing.map(({ sku }) => sku).join(', ')
  throw conflict('not_in_stock', `There is not enough left of ${skus}: take it out, and order the rest.`, {
    more: { missing },
  })
}

/** The lines with so many of this SKU in all, none for 0. Throws Refusal 422 for what could not be ordered. */
export function withLine(cart: Cart, wanted: WantedLine, entries: Entries, rules: BasketRules): readonly CartLine[] {
  const fault = faultOf(cart, wanted, entries, rules)
  if (fault) throw refused(fault, entries.get(skuKey(wanted.sku)), rules)
  return put(cart, wanted, entries)
}

/** The lines with so many more of this SKU. Throws as `withLine`. */
export const withMore = (cart: Cart, { sku, quantity }: WantedLine, entries: Entries, rules: BasketRules) =>
  withLine(cart, { sku, quantity: piecesOf(cart, sku) + quantity }, entries, rules)

/** Whoever took too many is told how many there may be. */
function refused(fault: FieldError, entry: CatalogueEntry | undefined, rules: BasketRules): Refusal {
  const more = fault.field === 'quantity' ? { max_quantity: mostPieces(entry, rules) } : {}
  return invalidInput([fault], { more })
}

const mostPieces = (entry: CatalogueEntry | undefined, rules: BasketRules) =>
  Math.min(mostOf(entry, rules), MOST_PIECES)

/** As one after the other, or none: throws Refusal 422 with what is wrong with each. */
export function withLines(
  cart: Cart,
  wanted: readonly WantedLine[],
  entries: Entries,
  rules: BasketRules,
): readonly CartLine[] {
  const faults: FieldError[] = []
  let { lines } = cart
  for (const [index, one] of wanted.entries()) {
    const fault = faultOf({ ...cart, lines }, one, entries, rules)
    if (fault) faults.push({ ...fault, field: `lines[${index}].${fault.field}` })
    else lines = put({ ...cart, lines }, one, entries)
  }
  if (faults.length > 0) throw invalidInput(faults)
  return lines
}

function put({ currency, lines }: Cart, { sku, quantity }: WantedLine, entries: Entries): readonly CartLine[] {
  const isThis = isOf(sku)
  if (quantity === 0) return lines.filter((line) => !isThis(line))
  const entry = entries.get(skuKey(sku))!
  const line = { sku: entry.sku, quantity, seen: priceIn(entry, currency) ?? null }
  return lines.some(isThis) ? lines.map((one) => (isThis(one) ? line : one)) : [...lines, line]
}

function faultOf(
  { currency, lines }: Cart,
  { sku, quantity }: WantedLine,
  entries: Entries,
  rules: BasketRules,
): FieldError | null {
  if (quantity === 0) return null
  const entry = entries.get(skuKey(sku))
  const most = mostPieces(entry, rules)
  if (!entry) return { field: 'sku', code: 'unknown_sku', message: `there is no ${sku}` }
  if (!entry.for_sale) return { field: 'sku', code: 'not_for_sale', message: `${sku} is not sold any more` }
  if (!priceIn(entry, currency))
    return { field: 'sku', code: 'no_price', message: `${sku} has no price in ${currency}` }
  if (quantity > most) {
    return { field: 'quantity', code: 'max_quantity', message: `an order may have at most ${most} of ${entry.sku}` }
  }
  if (lines.length >= MOST_LINES && !lines.some(isOf(sku))) {
    return { field: 'sku', code: 'maxItems', message: `a cart has at most ${MOST_LINES} lines` }
  }
  return null
}

/** The lines as they are seen now: from here on, a price that changes is told. */
export const seenLines = ({ currency, lines }: Cart, entries: Entries): readonly CartLine[] =>
  lines.map((line) => {
    const entry = entries.get(skuKey(line.sku))
    return { ...line, seen: (entry && priceIn(entry, currency)) ?? null }
  })

/** The lines of both: quantities added, up to what an order may have; beyond the most lines, what came last is left out. */
export function mergedLines(into: Cart, from: Cart, entries: Entries, rules: BasketRules): readonly CartLine[] {
  const lines = new Map(into.lines.map((line) => [skuKey(line.sku), line]))
  for (const line of from.lines) {
    const key = skuKey(line.sku)
    const own = lines.get(key)
    const most = mostPieces(entries.get(key), rules)
    const sum = line.quantity + (own?.quantity ?? 0)
    // A limit that was lowered since takes nothing away: the cart says that it is too many.
    const quantity = Math.max(Math.min(sum, most), own?.quantity ?? 0, own ? 0 : line.quantity)
    lines.set(key, { ...(own ?? line), quantity })
  }
  return [...lines.values()].slice(0, MOST_LINES)
}
