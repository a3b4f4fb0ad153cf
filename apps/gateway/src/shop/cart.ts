import type { App } from '@mart/service-kit/http-server'
import { ServiceRefusal } from '../services-client.ts'
import { fieldsOf } from './forms.ts'
import { nextPath } from './next-path.ts'
import type { Shop } from './open-shop.ts'

/** The cart's page, and the forms that change it. */
export function addCart(app: App, { pages, services, carts, visit, show }: Shop): void {
  app.get('/cart', async (request, reply) => {
    const { frame, cart } = await visit(request)
    return show(reply, pages.cart(frame, { cart }))
  })

  app.post('/cart/add', async (request, reply) => {
    const whose = await visit(request)
    const { sku = '', quantity = '1', next } = fieldsOf(request)
    const path = await carts.open(request, reply, whose, whose.frame.currency)
    const there = whose.cart?.lines.find((line) => line.sku === sku)?.quantity ?? 0
    await put(services, path, sku, there + wholeNumber(quantity), whose.caller)
    return reply.redirect(nextPath(next), 303)
  })

  app.post('/cart/lines', async (request, reply) => {
    const whose = await visit(request)
    const { sku = '', quantity = '' } = fieldsOf(request)
    const path = carts.pathFor(request, whose)
    if (path) await put(services, path, sku, wholeNumber(quantity), whose.caller)
    return reply.redirect('/cart', 303)
  })

  app.post('/cart/seen', async (request, reply) => {
    const whose = await visit(request)
    const path = carts.pathFor(request, whose)
    if (path) await services.ask('order', `${path}/seen`, whose.caller, { method: 'POST' })
    return reply.redirect('/cart', 303)
  })
}

async function put(
  services: Shop['services'],
  cart: string,
  sku: string,
  quantity: number,
  caller: Parameters<Shop['services']['ask']>[2],
) {
  await services.ask('order', `${cart}/lines/${encodeURIComponent(sku)}`, caller, { method: 'PUT', body: { quantity } })
}

/** A quantity as it was sent; what is none is left to the order service, which says so. */
const wholeNumber = (text: string): number => {
  if (!/^-?\d{1,9}(\.\d{1,9})?$/.test(text))
    throw new ServiceRefusal(422, { code: 'invalid_input', detail: 'quantity' })
  return Number(text)
}
