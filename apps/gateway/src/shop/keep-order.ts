import type { OrderShape } from '@mart/contracts/http/order-shapes'
import type { App, FastifyReply } from '@mart/service-kit/http-server'
import { ServiceRefusal } from '../services-client.ts'
import { callerOf, type Session } from '../session.ts'
import { authFaults, statusOf } from './auth-faults.ts'
import { fieldsOf, missingIn } from './forms.ts'
import type { Shop } from './open-shop.ts'
import { type OrderRequest, pathOf, showOrder, whoAsks } from './orders.ts'
import { signInFirst } from './sign-in-first.ts'

/** A guest's order becomes an account's: a new one with its e-mail address, or the one that he has. */
export function addKeepOrder(app: App, shop: Shop): void {
  app.post<{ Params: { id: string } }>('/orders/:id/keep', async (request, reply) => {
    const path = pathOf(request)
    const caller = await whoAsks(shop, request, reply)
    if (!caller) return await signInFirst(shop, request, reply)
    const order = await shop.services.ask<OrderShape>('order', path, caller)
    if (order.customer_id !== null) return reply.redirect(path, 303)
    const session = await shop.sessions.of(request)
    return session ? await claim(shop, request, reply, session) : await signUp(shop, request, reply, order)
  })
}

async function claim(shop: Shop, request: OrderRequest, reply: FastifyReply, session: Session) {
  const path = pathOf(request)
  try {
    await shop.services.ask('order', '/orders/claim', callerOf(request, session), { method: 'POST' })
  } catch (error) {
    if (!(error instanceof ServiceRefusal) || error.status === 401) throw error
    return await showOrder(shop, request, reply, { problem: 'not_taken', status: error.status })
  }
  return reply.redirect(path, 303)
}

/** The link that proves the address is mailed with it; once it is followed, the order service gives the order by itself. */
async function signUp(shop: Shop, request: OrderRequest, reply: FastifyReply, { contact }: OrderShape) {
  const path = pathOf(request)
  const fields = fieldsOf(request)
  const missing = missingIn(fields, ['password'])
  if (Object.keys(missing).length > 0)
    return await showOrder(shop, request, reply, { keep: { values: {}, faults: missing, problem: null }, status: 422 })
  const body = { name: contact.name, email: contact.email, password: fields['password'] }
  try {
    const asked = { method: 'POST', body } as const
    const opened = await shop.services.ask<{ token?: string }>('user', '/auth/sign-up/email', callerOf(request), asked)
    if (!opened.token) return reply.redirect(`/sign-in?next=${encodeURIComponent(path)}`, 303)
    const session = await shop.sessions.open(request, reply, opened.token)
    await shop.carts.merge(request, reply, callerOf(request, session))
  } catch (error) {
    const keep = { values: {}, ...authFaults(error, ['password']) }
    return await showOrder(shop, request, reply, { keep, status: statusOf(error) })
  }
  return reply.redirect(path, 303)
}
