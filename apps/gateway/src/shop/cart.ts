import type { CartShape } from '@mart/contracts/http/cart-shapes'
import type { App, FastifyReply, FastifyRequest } from '@mart/service-kit/http-server'
import { ServiceRefusal } from '../services-client.ts'
import { withCookies } from './cookies.ts'
import { fieldsOf } from './forms.ts'
import type { Visit } from './frame.ts'
import { nextPath } from './next-path.ts'
import type { Shop } from './open-shop.ts'
import { leftOut } from './order-again.ts'

/** The cart's page, and the forms that change it. */
export function addCart(app: App, shop: Shop): void {
  const { pages, services, carts, visit, show } = shop
  app.get<{ Querystring: { again?: string; rest?: string } }>('/cart', async (request, reply) => {
    const whose = await visit(request)
    const { frame, cart } = whose
    const missing = await leftOut(shop, whose, cart, request.query)
    return show(reply, pages.cart(frame, { cart, leftOut: missing, problem: null }))
  })

  app.post('/cart/add', async (request, reply) => {
    const whose = await visit(request)
    const { sku = '', quantity = '1', next } = fieldsOf(request)
    const more = numberIn(quantity)
    // Fewer are taken by the cart's own form.
    if (!(more >= 1)) return await showRefused(shop, whose, reply, { cart: whose.cart, sku, status: 422 })
    const path = await carts.open(request, reply, whose)
    const wanted = { path, sku, quantity: more, next: withCookies(request, nextPath(next)) }
    return await change(shop, whose, request, reply, { method: 'POST', ...wanted })
  })

  app.post('/cart/lines', async (request, reply) => {
    const whose = await visit(request)
    const { sku = '', quantity = '', step } = fieldsOf(request)
    const path = carts.pathFor(request, whose)
    if (!path) return reply.redirect('/cart', 303)
    const wanted = { path, sku, quantity: stepped(numberIn(quantity), step), next: '/cart' }
    return await change(shop, whose, request, reply, { method: 'PUT', ...wanted })
  })

  app.post('/cart/seen', async (request, reply) => {
    const whose = await visit(request)
    const path = carts.pathFor(request, whose)
    if (path && whose.cart) await services.ask('order', `${path}/seen`, whose.caller, { method: 'POST' })
    return reply.redirect('/cart', 303)
  })
}

type Refused = ServiceRefusal['problem'] & { readonly max_quantity?: number }

interface Wanted {
  /** POST adds so many, PUT makes it so many. */
  readonly method: 'POST' | 'PUT'
  readonly path: string
  readonly sku: string
  readonly quantity: number
  readonly next: string
}

async function change(shop: Shop, whose: Visit, request: FastifyRequest, reply: FastifyReply, wanted: Wanted) {
  const { method, path, sku, quantity, next } = wanted
  const line = `${path}/lines/${encodeURIComponent(sku)}`
  try {
    await shop.services.ask('order', line, whose.caller, { method, body: { quantity } })
  } catch (error) {
    if (!(error instanceof ServiceRefusal)) throw error
    const cart = await shop.carts.find(request, whose)
    const { errors = [], max_quantity: most } = error.problem as Refused
    const isOfQuantity = errors.some(({ field }) => field === 'quantity')
    if (isOfQuantity) return await showRefused(shop, whose, reply, { cart, sku, status: error.status, most })
    const page = shop.pages.cart(whose.frame, { cart, leftOut: [], problem: 'not_sold' })
    return shop.show(reply, page, error.status)
  }
  return reply.redirect(next, 303)
}

/** With how many there may be: as the service said, or the line of it, or the terms of the shop. */
async function showRefused(
  { pages, show, termsIn }: Shop,
  { frame, caller }: Visit,
  reply: FastifyReply,
  { cart, sku, status, most }: { cart: CartShape | null; sku: string; status: number; most?: number | undefined },
) {
  const ofLine = cart?.lines.find((line) => line.sku === sku)?.max_quantity
  const known = most ?? ofLine ?? (await termsIn(frame.currency, caller))?.maxQuantity ?? null
  return show(reply, pages.cart(frame, { cart, leftOut: [], problem: 'bad_quantity', most: known }), status)
}

/** As it was typed; what is no number is none that can be taken, which the order service says. */
const numberIn = (text: string): number => (/^-?\d{1,9}(\.\d{1,9})?$/.test(text.trim()) ? Number(text) : -1)

/** One step from how many were typed; from what is none there is no step. */
function stepped(quantity: number, step: string | undefined): number {
  if (step === 'fewer') return quantity > 0 ? quantity - 1 : quantity
  return step === 'more' && quantity >= 0 ? quantity + 1 : quantity
}
