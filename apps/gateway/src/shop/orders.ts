import type { OrderHistory, OrderShape } from '@mart/contracts/http/order-shapes'
import type { OrderReturnsShape } from '@mart/contracts/http/return-shapes'
import type { App, FastifyReply, FastifyRequest } from '@mart/service-kit/http-server'
import type { FormProblem, FormState, KeepProps, OfferedMethod } from '@mart/web/pages'
import { type Caller, ServiceRefusal } from '../services-client.ts'
import { callerOf, type Session } from '../session.ts'
import { emptyForm, fieldsOf } from './forms.ts'
import type { Shop } from './open-shop.ts'
import { shownEmail } from './shown-email.ts'

export type OrderRequest = FastifyRequest<{ Params: { id: string } }>
export const signInFirst = ({ url }: { readonly url: string }, reply: FastifyReply) =>
  reply.redirect(`/sign-in?next=${encodeURIComponent(url)}`, 303)

/** A person's orders, and what one can do with each. */
export function addOrders(app: App, shop: Shop): void {
  app.get<{ Querystring: { cursor?: string } }>('/account', async (request, reply) => {
    const { frame, caller, session } = await shop.visit(request)
    if (!session) return signInFirst(request, reply)
    const { cursor } = request.query
    // Staff are shown everybody's, unless they ask for somebody's.
    const query = new URLSearchParams({ limit: '20', customer: session.person.id, ...(cursor && { cursor }) })
    const page = await shop.services.ask<{ items: OrderShape[]; next_cursor: string | null }>(
      'order',
      `/orders?${query}`,
      caller,
    )
    return shop.show(reply, shop.pages.orders(frame, { orders: page.items, nextCursor: page.next_cursor }))
  })

  app.get<{ Params: { id: string }; Querystring: { key?: string } }>('/orders/:id', (request, reply) => {
    const { key } = request.query
    if (!key) return showOrder(shop, request, reply)
    // Out of the address at once: it would be in the history, and told to other sites.
    shop.guests.remember(reply, request.params.id, key)
    return reply.redirect(pathOf(request), 303)
  })

  app.post<{ Params: { id: string } }>('/orders/:id/cancel', (request, reply) =>
    act(shop, request, reply, 'cancel', {}),
  )

  app.post<{ Params: { id: string } }>('/orders/:id/payment', (request, reply) =>
    act(shop, request, reply, 'payment', { payment_method: fieldsOf(request)['payment_method'] }),
  )
}

export const pathOf = ({ params }: OrderRequest) => `/orders/${encodeURIComponent(params.id)}`

/** The guest of this order, or who is signed in; null for anybody else. */
export async function whoAsks(
  { sessions, guests, services }: Shop,
  request: OrderRequest,
  reply: FastifyReply,
): Promise<Caller | null> {
  const session = await sessions.of(request)
  const guest = guests.secretOf(request)
  if (!guest) return session && callerOf(request, session)
  const asGuest = { ...callerOf(request), guest }
  if (!session || (await mayRead(services, request, asGuest))) return asGuest
  guests.forget(reply, request.params.id)
  return callerOf(request, session)
}

async function mayRead({ ask }: Shop['services'], request: OrderRequest, caller: Caller): Promise<boolean> {
  try {
    await ask('order', pathOf(request), caller)
    return true
  } catch (error) {
    if (error instanceof ServiceRefusal && error.status === 404) return false
    throw error
  }
}

async function act(shop: Shop, request: OrderRequest, reply: FastifyReply, what: string, body: object) {
  const caller = await whoAsks(shop, request, reply)
  const path = pathOf(request)
  if (!caller) return signInFirst({ url: path }, reply)
  try {
    await shop.services.ask('order', `${path}/${what}`, caller, { method: 'POST', body })
  } catch (error) {
    if (!(error instanceof ServiceRefusal) || error.status === 404) throw error
    return await showOrder(shop, request, reply, { problem: 'too_late', status: error.status })
  }
  return reply.redirect(path, 303)
}

interface Sent {
  readonly problem?: FormProblem | null
  readonly returnForm?: FormState
  /** What was sent to keep it in an account. */
  readonly keep?: FormState
  readonly status?: number
}

/** The page of an order, with what was wrong with what somebody asked of it. */
export async function showOrder(
  shop: Shop,
  request: OrderRequest,
  reply: FastifyReply,
  { problem = null, returnForm = emptyForm, keep = emptyForm, status = 200 }: Sent = {},
) {
  const [{ frame, session }, caller] = await Promise.all([shop.visit(request), whoAsks(shop, request, reply)])
  if (!caller) return signInFirst(request, reply)
  const path = pathOf(request)
  const [order, { items: history }] = await Promise.all([
    shop.services.ask<OrderShape>('order', path, caller),
    shop.services.ask<OrderHistory>('order', `${path}/history`, caller),
  ])
  const query = new URLSearchParams({ currency: order.currency, country: order.shipping_address.country })
  const { items: methods } =
    order.status === 'awaiting_payment'
      ? await shop.services.ask<{ items: OfferedMethod[] }>('payment', `/payment-methods?${query}`, caller)
      : { items: [] }
  const returns =
    order.status === 'delivered' ? await shop.services.ask<OrderReturnsShape>('order', `${path}/returns`, caller) : null
  const forms = { returnForm, keep: keepOf(order, session, keep) }
  const more = { problem, returns, hasReceipt: hasReceipt(order), ...forms }
  return shop.show(reply, shop.pages.order(frame, { order, history, methods, ...more }), status)
}

/** How this visitor can keep the order in an account; null when it is one's, or not his. */
function keepOf(
  { customer_id, contact: { email } }: OrderShape,
  session: Session | null,
  form: FormState,
): KeepProps | null {
  if (customer_id !== null || email === '') return null
  const shown = shownEmail(email)
  if (!session) return { how: 'sign_up', email: shown, form }
  if (session.person.email.toLowerCase() !== email.toLowerCase()) return null
  return { how: session.person.emailVerified ? 'claim' : 'prove', email: shown, form }
}

const certain = new Set<string>(['confirmed', 'shipped', 'delivered', 'undelivered'] satisfies OrderShape['status'][])
const wasPaid = new Set(['succeeded', 'refunding', 'refunded', 'partially_refunded'])

/** Whether it is bought: it is confirmed, or was paid and is cancelled since. */
export const hasReceipt = ({ status, payment }: OrderShape): boolean =>
  certain.has(status) || wasPaid.has(payment.status)
