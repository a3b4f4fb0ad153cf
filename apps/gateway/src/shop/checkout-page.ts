import { createHash } from 'node:crypto'
import type { CartShape } from '@mart/contracts/http/cart-shapes'
import type { FastifyReply, FastifyRequest } from '@mart/service-kit/http-server'
import type { FormState } from '@mart/web/pages'
import type { ServiceRefusal } from '../services-client.ts'
import { addressesOf } from './account/addresses.ts'
import { earlierOrder, refusedCheckout } from './checkout-refusal.ts'
import { emptyForm } from './forms.ts'
import type { Visit } from './frame.ts'
import type { Shop } from './open-shop.ts'
import { waysToPay } from './ways-to-pay.ts'

/** The checkout again, with what was not taken; or the order that there is already, or the cart that has nothing any more. */
export async function showRefused(
  shop: Shop,
  visit: Visit,
  refusal: ServiceRefusal,
  fields: Record<string, string>,
  request: FastifyRequest,
  reply: FastifyReply,
) {
  const { frame } = visit
  const earlier = earlierOrder(refusal)
  if (earlier) {
    const { secret, ...order } = earlier
    if (secret) shop.guests.remember(reply, order.id, secret)
    return shop.show(reply, shop.pages.orderedAlready(frame, order), refusal.status)
  }
  const cart = await shop.carts.find(request, visit)
  if (!cart || cart.lines.length === 0)
    return shop.show(reply, shop.pages.cart(frame, { cart, leftOut: [], problem: 'nothing_left' }), refusal.status)
  const whose = { isToSavedAddress: Boolean(fields['address']), isGuest: !visit.session }
  const found = refusedCheckout(refusal, cart, whose)
  return await showCheckout(shop, visit, cart, reply, { values: fields, ...found }, refusal.status)
}

export async function showCheckout(
  shop: Shop,
  { frame, caller, session }: Visit,
  cart: CartShape,
  reply: FastifyReply,
  sent: FormState | null,
  status = 200,
) {
  const addresses = session ? await addressesOf(shop, { caller }) : []
  const usual = addresses.find(({ is_default }) => is_default) ?? addresses[0]
  const first = { name: session?.person.name ?? '', country: shop.country, ...(usual && { address: usual.id }) }
  const form = sent ?? { ...emptyForm, values: first }
  const saved = addresses.find(({ id }) => id === form.values['address'])
  const ways = await waysToPay(shop, caller, { cart, values: form.values, saved })
  const { items: methods, unavailable } = ways
  const page = shop.pages.checkout(frame, { cart, addresses, methods, unavailable, form, key: keyOf(cart) })
  return shop.show(reply, page, status)
}

/** The same for the same cart in the same state: a second tab orders the same. */
const keyOf = ({ id, updated_at, total }: CartShape) =>
  createHash('sha256').update(`${id} ${updated_at} ${total.amount}`).digest('base64url')
