import type { CartChange, CartShape } from '@mart/contracts/http/cart-shapes'
import type { Language } from '@mart/contracts/language'
import { MAX_AMOUNT, type Money, timesQuantity } from '@mart/contracts/money'
import { nameFor } from '@mart/contracts/names'
import { skuKey } from '@mart/contracts/sku'
import { type BasketRules, isSoldIn, mostOf, priceIn, shippingFor } from '../pricing.ts'
import { type Cart, type CartLine, type Entries, type InStock, type ShownEntry, shortageOf } from './cart.ts'

export interface Surroundings {
  readonly entries: Entries
  /** By `skuKey`; one that inventory has not spoken of is absent. */
  readonly stock: ReadonlyMap<string, InStock>
  readonly rules: BasketRules
  /** That names are in, where there are such. */
  readonly language: Language
}

/** The cart at today's prices, with what is different from what was seen and what stands in the way of an order. */
export function cartView(cart: Cart, shownId: string, around: Surroundings): CartShape {
  const { currency } = cart
  const { rules } = around
  const money = (amount: number): Money => ({ amount, currency })
  const lines = cart.lines.map((line) => lineView(line, currency, around))
  const subtotal = lines.reduce((sum, { total }) => sum + (total?.amount ?? 0), 0)
  const shipping = lines.length > 0 ? shippingFor(subtotal, currency, rules) : 0
  const total = subtotal + shipping
  const freeFrom = rules.freeShippingFrom[currency]
  return {
    id: shownId,
    currency,
    lines,
    subtotal: money(subtotal),
    shipping: money(shipping),
    free_shipping_from: freeFrom === undefined ? null : money(freeFrom),
    missing_to_free_shipping: freeFrom === undefined || subtotal >= freeFrom ? null : money(freeFrom - subtotal),
    total: money(total),
    can_order:
      lines.length > 0 &&
      isSoldIn(currency, rules) &&
      total <= MAX_AMOUNT &&
      lines.every(({ changes }) => changes.every(({ code }) => code === 'price_rose' || code === 'price_fell')),
    updated_at: cart.updated_at.toISOString(),
  }
}

function lineView(
  line: CartLine,
  currency: string,
  { entries, stock, rules, language }: Surroundings,
): CartShape['lines'][0] {
  const key = skuKey(line.sku)
  const entry = entries.get(key)
  const price = (entry?.for_sale && priceIn(entry, currency)) || null
  const inStock = entry?.for_sale ? stock.get(key) : undefined
  const most = mostOf(entry, rules)
  return {
    sku: entry?.sku ?? line.sku,
    ...shown(entry, line.sku, language),
    quantity: line.quantity,
    unit_price: price,
    total: price && timesQuantity(price, line.quantity),
    max_quantity: most,
    ...(inStock ? { availability: inStock.availability } : {}),
    changes: entry?.for_sale ? changesOf(line, price, most, inStock) : [{ code: 'no_longer_sold' }],
  }
}

function shown(entry: ShownEntry | undefined, sku: string, language: Language) {
  const variant = entry?.variant && nameFor(language, entry.variant)
  return {
    ...nameFor(language, entry?.product ?? entry ?? { name: sku }),
    ...(variant ? { variant_name: variant.name, variant_name_language: variant.name_language } : {}),
    ...(entry ? { product_id: entry.product_id } : {}),
    ...(entry?.product_slug ? { product_slug: entry.product_slug } : {}),
    ...(entry?.image_url ? { image_url: entry.image_url } : {}),
  }
}

function changesOf(
  { quantity, seen }: CartLine,
  price: Money | null,
  most: number,
  inStock: InStock | undefined,
): CartChange[] {
  if (!price) return [{ code: 'not_in_this_currency' }]
  const changes: CartChange[] = []
  if (seen && seen.currency === price.currency && seen.amount !== price.amount) {
    changes.push({ code: price.amount > seen.amount ? 'price_rose' : 'price_fell', was: seen })
  }
  if (quantity > most) changes.push({ code: 'too_many' })
  const shortage = shortageOf(quantity, inStock)
  return shortage ? [...changes, shortage] : changes
}
