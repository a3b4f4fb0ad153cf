import type { OrderInput } from '@mart/contracts/http/order-shapes'
import type { PaymentSettings } from '@mart/contracts/payment-methods'
import { conflict, type FieldError, invalidInput } from '@mart/service-kit/errors'
import { checkUnprovenCash, type OpenOrderLimits } from './open-orders.ts'
import type { Order } from './order.ts'
import { mustBeOffered } from './payment-offer.ts'
import { type BasketRules, type CatalogueEntry, type PricedBasket, priceBasket, type WantedLine } from './pricing.ts'

export interface PlacingRules extends BasketRules {
  readonly payment: PaymentSettings
  /** Null lifts them. */
  readonly openOrders: OpenOrderLimits | null
}

export interface Buyer {
  /** Null of a guest, who says in the order's contact who he is. */
  readonly id: string | null
  readonly name: string
  readonly email: string
  readonly emailVerified: boolean
  /** Of his account, as far as it is known. */
  readonly language: string | null
}

export const aGuest: Buyer = { id: null, name: '', email: '', emailVerified: false, language: null }

/** What somebody sent as an order, and the faults of its shape that the door has found. */
export interface Wish {
  readonly input: OrderInput
  readonly faults: readonly FieldError[]
  readonly by: Buyer
}

/** The lines that can be looked up, in their places, of a body that may be anything; what is no text is a fault already. */
export function wantedLines(input: OrderInput): WantedLine[] {
  const lines: unknown = (input as Partial<OrderInput> | null)?.lines
  if (!Array.isArray(lines)) return []
  return lines
    .slice(0, 100)
    .map((line) => ({ sku: line?.sku, quantity: Number.isInteger(line?.quantity) ? line.quantity : 1 }))
    .filter((line) => typeof line.sku === 'string')
}

/**
 * The basket priced by our own catalogue, whose entries of the `wantedLines` are given. Throws Refusal 422 with every fault
 * at once, or when its method is not for this buyer; 409 when the buyer saw another total.
 */
export function acceptedBasket(
  { input, faults: ofShape, by }: Wish,
  catalogue: ReadonlyMap<string, CatalogueEntry>,
  rules: PlacingRules,
): PricedBasket {
  const currency = typeof input?.currency === 'string' ? input.currency : ''
  const { basket, faults } = priceBasket(wantedLines(input), currency, catalogue, rules)
  const told = new Set(ofShape.map((fault) => fault.field))
  const all = [...ofShape, ...faults.filter((fault) => !told.has(fault.field))]
  if (all.length > 0) throw invalidInput(all)

  const { country, city } = input.shipping_address
  const total = { amount: basket.total, currency }
  // Nothing to pay needs no way to pay it.
  if (total.amount > 0) mustBeOffered(rules.payment, { currency, country, city, total }, input.payment_method)
  checkUnprovenCash(rules.openOrders, by, input.payment_method, total)
  const { expected_total: expected } = input
  if (expected && (expected.amount !== total.amount || expected.currency !== currency)) {
    throw conflict('price_changed', 'The total is not what was expected: look at the new one and order again.', {
      more: { lines: basket.lines, total },
    })
  }
  return basket
}

/** An order as it is born: placed, with its first line of history to come. */
export function newOrder(
  { input, by }: Wish,
  basket: PricedBasket,
  { id, number, now }: { id: string; number: string; now: Date },
): Order {
  return {
    id,
    number,
    customer_id: by.id,
    status: 'placed',
    currency: input.currency,
    ...basket,
    tax: 0,
    discount: 0,
    payment_method: input.payment_method,
    payment_status: 'pending',
    payment_url: null,
    attempt: 0,
    payment_due_at: null,
    if_paid: null,
    cancel_reason: null,
    missing: [],
    refunding: false,
    refunded: 0,
    contact: {
      name: by.name,
      email: by.email,
      phone: input.shipping_address.phone,
      language: by.language ?? 'en',
      ...input.contact,
    },
    shipping_address: input.shipping_address,
    note: input.note || null,
    holds: [],
    carrier: null,
    tracking_number: null,
    collected: null,
    return_open: false,
    history_count: 1,
    forget_asked_at: null,
    placed_at: now,
    updated_at: now,
  }
}
