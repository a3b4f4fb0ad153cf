import { skuKey } from '@mart/contracts/sku'
import { notFound } from '@mart/service-kit/errors'
import type { Transaction } from '@mart/service-kit/postgres'
import { accountErased } from '../open-orders.ts'
import { lockCustomer } from '../order-store.ts'
import type { BasketRules, WantedLine } from '../pricing.ts'
import {
  type Cart,
  type CartRef,
  type Entries,
  type InStock,
  mergedLines,
  seenLines,
  withLine,
  withLines,
  withMore,
} from './cart.ts'
import {
  addAnonymousCart,
  addCartOf,
  deleteCart,
  deleteUnused,
  lockCart,
  saveAvailability,
  saveCart,
  saveUse,
} from './cart-store.ts'

/** Looks up what is for sale once the cart is locked and its SKUs are known: by its own transaction, or two wait for each other. */
export type LookUp = (skus: readonly string[], by: Transaction) => Promise<Entries>

/** The anonymous one of this secret, or the customer's, who has one: `isNew` when it was not there. */
export async function makeCart(
  tx: Transaction,
  whose: { readonly secretHash: string } | { readonly customerId: string },
  currency: string,
): Promise<{ cart: Cart; isNew: boolean }> {
  const isNew = await addCart(tx, whose, currency)
  const cart = await lockCart(tx, whose)
  if (cart) return { cart, isNew }
  throw accountErased()
}

async function addCart(tx: Transaction, whose: Parameters<typeof makeCart>[1], currency: string): Promise<boolean> {
  if ('secretHash' in whose) return await addAnonymousCart(tx, whose.secretHash, currency)
  await lockCustomer(tx, whose.customerId)
  return await addCartOf(tx, whose.customerId, currency)
}

/** Throws Refusal 404 when there is none that is reached so. */
async function lockedCart(tx: Transaction, ref: CartRef): Promise<Cart> {
  const cart = await lockCart(tx, ref)
  if (!cart) throw notFound('cart')
  return cart
}

export async function putLine(
  tx: Transaction,
  ref: CartRef,
  { wanted, entries, rules }: { wanted: WantedLine; entries: Entries; rules: BasketRules },
): Promise<Cart> {
  const cart = await lockedCart(tx, ref)
  return await saveCart(tx, cart.id, { ...cart, lines: withLine(cart, wanted, entries, rules) })
}

/** So many more, counted under the cart's lock: what is added at the same moment adds up. */
export async function addPieces(
  tx: Transaction,
  ref: CartRef,
  { wanted, entries, rules }: { wanted: WantedLine; entries: Entries; rules: BasketRules },
): Promise<Cart> {
  const cart = await lockedCart(tx, ref)
  return await saveCart(tx, cart.id, { ...cart, lines: withMore(cart, wanted, entries, rules) })
}

export async function putLines(
  tx: Transaction,
  ref: CartRef,
  { wanted, entries, rules }: { wanted: readonly WantedLine[]; entries: Entries; rules: BasketRules },
): Promise<Cart> {
  const cart = await lockedCart(tx, ref)
  return await saveCart(tx, cart.id, { ...cart, lines: withLines(cart, wanted, entries, rules) })
}

/** In another currency its prices are seen for the first time. */
export async function changeCurrency(tx: Transaction, ref: CartRef, currency: string, lookUp: LookUp): Promise<Cart> {
  const cart = { ...(await lockedCart(tx, ref)), currency }
  return await saveCart(tx, cart.id, { ...cart, lines: seenLines(cart, await lookUp(skusOf(cart), tx)) })
}

export async function markSeen(tx: Transaction, ref: CartRef, lookUp: LookUp): Promise<Cart> {
  const cart = await lockedCart(tx, ref)
  return await saveCart(tx, cart.id, { ...cart, lines: seenLines(cart, await lookUp(skusOf(cart), tx)) })
}

export async function emptyCart(tx: Transaction, ref: CartRef): Promise<void> {
  const cart = await lockedCart(tx, ref)
  await saveCart(tx, cart.id, { ...cart, lines: [] })
}

/**
 * What is in the anonymous cart goes into the customer's, and it is gone; one that is gone already changes nothing. Throws
 * Refusal 404 when there is neither.
 */
export async function mergeCarts(
  tx: Transaction,
  { from: ref, customerId }: { from: CartRef; customerId: string },
  { lookUp, rules }: { lookUp: LookUp; rules: BasketRules },
): Promise<Cart> {
  // First the anonymous one: of two that merge it at once, the second finds it gone.
  const from = await lockCart(tx, ref)
  if (!from || from.customer_id !== null) return await lockedCart(tx, { customerId })
  const { cart: into, isNew } = await makeCart(tx, { customerId }, from.currency)
  const entries = await lookUp([...skusOf(into), ...skusOf(from)], tx)
  await deleteCart(tx, from.id)
  const currency = isNew || into.lines.length === 0 ? from.currency : into.currency
  return await saveCart(tx, into.id, { currency, lines: mergedLines(into, from, entries, rules) })
}

const skusOf = ({ lines }: Cart) => lines.map(({ sku }) => sku)

/** Somebody looks at it: it is not one of those that nobody uses. */
export const keepCart = (tx: Transaction, id: string): Promise<void> => saveUse(tx, id)

const KEPT_DAYS = 30
const BATCH = 500

/** Drops a batch of carts that nobody has used for 30 days; true when there may be more. */
export const dropUnused = async (tx: Transaction): Promise<boolean> =>
  (await deleteUnused(tx, KEPT_DAYS, BATCH)) >= BATCH

export async function learnAvailability(tx: Transaction, said: readonly (InStock & { sku: string })[]): Promise<void> {
  await saveAvailability(
    tx,
    new Map(said.map(({ sku, availability, available }) => [skuKey(sku), { availability, available }])),
  )
}
