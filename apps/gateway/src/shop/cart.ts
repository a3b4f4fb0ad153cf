import type { App, FastifyReply, FastifyRequest } from '@mart/service-kit/http-server'
import { ServiceRefusal } from '../services-client.ts'
import { fieldsOf } from './forms.ts'
import type { Visit } from './frame.ts'
import { nextPath } from './next-path.ts'
import type { Shop } from './open-shop.ts'
import { leftOut } from './order-again.ts'

/** The cart's page, and the forms that change it. */
export function addCart(app: App, shop: Shop): void {
  const { pages, services, carts, visit, show } = shop
  app.get<{ Querystring: { again?: string } }>('/cart', async (request, reply) => {
    const whose = await visit(request)
    const { frame, cart } = whose
    const missing = await leftOut(shop, whose, cart, request.query.again)
    return show(reply, pages.cart(frame, { cart, leftOut: missing, problem: null }))
  })

  app.post('/cart/add', async (request, reply) => {
    const whose = await visit(request)
    const { sku = '', quantity = '1', next } = fieldsOf(request)
    const there = whose.cart?.lines.find((line) => line.sku === sku)?.quantity ?? 0
    const more = numberIn(quantity)
    // Fewer are taken by the cart's own form.
    if (!(more >= 1)) return await showRefused(shop, whose, request, reply, 422, 'bad_quantity')
    const path = await carts.open(request, reply, whose)
    return await put(shop, whose, request, reply, { path, sku, quantity: there + more, next: nextPath(next) })
  })

  app.post('/cart/lines', async (request, reply) => {
    const whose = await visit(request)
    const { sku = '', quantity = '' } = fieldsOf(request)
    const path = carts.pathFor(request, whose)
    if (!path) return reply.redirect('/cart', 303)
    return await put(shop, whose, request, reply, { path, sku, quantity: numberIn(quantity), next: '/cart' })
  })

  app.post('/cart/seen', async (request, reply) => {
    const whose = await visit(request)
    const path = carts.pathFor(request, whose)
    if (path && whose.cart) await services.ask('order', `${path}/seen`, whose.caller, { method: 'POST' })
    return reply.redirect('/cart', 303)
  })
}

interface Wanted {
  readonly path: string
  readonly sku: string
  readonly quantity: number
  readonly next: string
}

async function put(shop: Shop, whose: Visit, request: FastifyRequest, reply: FastifyReply, wanted: Wanted) {
  const { path, sku, quantity, next } = wanted
  const line = `${path}/lines/${encodeURIComponent(sku)}`
  try {
    await shop.services.ask('order', line, whose.caller, { method: 'PUT', body: { quantity } })
  } catch (error) {
    if (!(error instanceof ServiceRefusal)) throw error
    const isOfQuantity = error.problem.errors?.some(({ field }) => field === 'quantity')
    return await showRefused(shop, whose, request, reply, error.status, isOfQuantity ? 'bad_quantity' : 'not_sold')
  }
  return reply.redirect(next, 303)
}

async function showRefused(
  { pages, carts, show }: Shop,
  whose: Visit,
  request: FastifyRequest,
  reply: FastifyReply,
  status: number,
  problem: 'bad_quantity' | 'not_sold',
) {
  const cart = await carts.find(request, whose)
  return show(reply, pages.cart(whose.frame, { cart, leftOut: [], problem }), status)
}

/** As it was typed; what is no number is none that can be taken, which the order service says. */
const numberIn = (text: string): number => (/^-?\d{1,9}(\.\d{1,9})?$/.test(text.trim()) ? Number(text) : -1)
