import type { OrderShape } from '@mart/contracts/http/order-shapes'
import type { App } from '@mart/service-kit/http-server'
import type { Shop } from './open-shop.ts'
import { hasReceipt, pathOf, whoAsks } from './orders.ts'
import { signInFirst } from './sign-in-first.ts'

/** What was bought, to print: once it is certain that it is. */
export function addReceipt(app: App, shop: Shop): void {
  app.get<{ Params: { id: string } }>('/orders/:id/receipt', async (request, reply) => {
    const [{ frame }, caller] = await Promise.all([shop.visit(request), whoAsks(shop, request, reply)])
    if (!caller) return await signInFirst(shop, request, reply)
    const order = await shop.services.ask<OrderShape>('order', pathOf(request), caller)
    if (!hasReceipt(order)) return reply.redirect(pathOf(request), 303)
    return shop.show(reply, shop.pages.receipt(frame, { order, seller: shop.seller }))
  })
}
