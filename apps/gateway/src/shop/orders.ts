import type { OrderHistory, OrderShape } from '@mart/contracts/http/order-shapes'
import type { OrderReturnsShape } from '@mart/contracts/http/return-shapes'
import { Refusal } from '@mart/service-kit/errors'
import type { App, FastifyReply, FastifyRequest } from '@mart/service-kit/http-server'
import type { FormProblem, FormState, KeepProps, OfferedMethod } from '@mart/web/pages'
import { isGuestSecret } from '../guest-orders.ts'
import { type Caller, ServiceRefusal } from '../services-client.ts'
import { callerOf, type Session } from '../session.ts'
import { pageOrFirst } from './first-page.ts'
import { emptyForm, toldAt } from './forms.ts'
import type { Shop } from './open-shop.ts'
import { shownEmail } from './shown-email.ts'
import { isOfAnother, signInFirst } from './sign-in-first.ts'

export type OrderRequest = FastifyRequest<{ Params: { id: string } }>

/** A person's orders, and the page of each. */
export function addOrders(app: App, shop: Shop): void {
  app.get<{ Querystring: { cursor?: string } }>('/account', async (request, reply) => {
    const { frame, caller, session } = await shop.visit(request)
    if (!session) return await signInFirst(shop, request, reply)
    const { page, isFromStart } = await pageOrFirst(request.query.cursor, (cursor) => {
      // Staff are shown everybody's, unless they ask for somebody's.
      const query = new URLSearchParams({ limit: '20', customer: session.person.id, ...(cursor && { cursor }) })
      return shop.services.ask<{ items: OrderShape[]; next_cursor: string | null }>('order', `/orders?${query}`, caller)
    })
    const { items: orders, next_cursor: nextCursor } = page
    return shop.show(reply, shop.pages.orders(frame, { orders, nextCursor, isFromStart }))
  })

  app.get<{ Params: { id: string }; Querystring: { key?: unknown } }>('/orders/:id', (request, reply) =>
    request.query.key === undefined ? showOrder(shop, request, reply) : openByLink(shop, request, reply),
  )
}

/** A link is believed once it opens the order: a wrong one takes nobody's working one away. */
async function openByLink(
  shop: Shop,
  request: FastifyRequest<{ Params: { id: string }; Querystring: { key?: unknown } }>,
  reply: FastifyReply,
) {
  const { key } = request.query
  if (!isGuestSecret(key)) throw wrongLink()
  const session = await shop.sessions.of(request)
  const why = await whyClosed(shop, request, { ...callerOf(request), guest: key })
  if (why === null) shop.guests.remember(reply, request.params.id, key)
  else if (why !== 'order_in_account') throw wrongLink()
  else if (!session) throw inAccount()
  // Out of the address at once: it would be in the history, and told to other sites.
  return reply.redirect(pathOf(request), 303)
}

const wrongLink = () => new Refusal(404, 'wrong_link', 'This link opens no order.')
const inAccount = () => new Refusal(404, 'order_in_account', 'This order is in an account.')

export const pathOf = ({ params }: OrderRequest) => `/orders/${encodeURIComponent(params.id)}`

/** The guest of this order, or who is signed in; null for anybody else, and for a form that was another account's. */
export async function whoAsks(
  { sessions, guests, services }: Shop,
  request: OrderRequest,
  reply: FastifyReply,
): Promise<Caller | null> {
  const session = await sessions.of(request)
  const guest = guests.secretOf(request)
  if (!guest) return session && !isOfAnother(request, session) ? callerOf(request, session) : null
  const asGuest = { ...callerOf(request), guest }
  if (!session || (await whyClosed({ services }, request, asGuest)) === null) return asGuest
  guests.forget(reply, request.params.id)
  return callerOf(request, session)
}

/** Why this guest does not get to see the order; null when he does. */
async function whyClosed({ services }: Pick<Shop, 'services'>, request: OrderRequest, caller: Caller) {
  try {
    await services.ask('order', pathOf(request), caller)
    return null
  } catch (error) {
    if (error instanceof ServiceRefusal && error.status === 404) return error.problem.code
    throw error
  }
}

interface Sent {
  readonly problem?: FormProblem | null
  /** What was sent to send something back. */
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
  { problem = null, returnForm, keep = emptyForm, status = 200 }: Sent = {},
) {
  const [{ frame, session }, caller] = await Promise.all([shop.visit(request), whoAsks(shop, request, reply)])
  if (!caller) return await signInFirst(shop, request, reply)
  const path = pathOf(request)
  const [order, { items: history }] = await Promise.all([
    shop.services.ask<OrderShape>('order', path, caller),
    shop.services.ask<OrderHistory>('order', `${path}/history`, caller),
  ])
  const { items: methods } =
    order.status === 'awaiting_payment'
      ? await shop.services.ask<{ items: OfferedMethod[] }>('payment', `/payment-methods?${basketOf(order)}`, caller)
      : { items: [] }
  const returns =
    order.status === 'delivered' ? await shop.services.ask<OrderReturnsShape>('order', `${path}/returns`, caller) : null
  const typed = shop.typed.of(request, session)
  const forms = { returnForm: returnFormOf(returns, returnForm, typed), keep: keepOf(order, session, keep) }
  const more = { problem, looks: looksOf(request), returns, hasReceipt: hasReceipt(order), ...forms }
  return shop.show(reply, shop.pages.order(frame, { order, history, methods, ...more }), status)
}

/** `?returned` leads back from a payment's provider; the page counts on by itself. */
function looksOf({ query }: FastifyRequest): number | null {
  const { returned } = query as { returned?: unknown }
  return typeof returned === 'string' ? Number(/^\d{1,3}$/.exec(returned)?.[0] ?? 0) : null
}

const basketOf = ({ currency, total, shipping_address: { country, city } }: OrderShape) =>
  new URLSearchParams({ currency, country, city, total: String(total.amount) })

/** The page has fields for what can still be sent back alone. */
function returnFormOf(
  returns: OrderReturnsShape | null,
  sent: FormState | undefined,
  typed: FormState['values'] | null,
): FormState {
  if (!sent) return { ...emptyForm, values: typed ?? {} }
  const left = returns?.returnable.lines ?? []
  const fields = left.flatMap(({ sku }) => [`quantity:${sku}`, `reason:${sku}`])
  const found = toldAt(left.length > 0 ? [...fields, 'note'] : [], sent.faults, sent.problem, 'not_left')
  return { values: sent.values, ...found }
}

/** How this visitor can keep the order in an account; null when it is one's, not his, or became none. */
function keepOf(
  { customer_id, contact: { email }, status, missing }: OrderShape,
  session: Session | null,
  form: FormState,
): KeepProps | null {
  if (customer_id !== null || email === '' || (status === 'cancelled' && missing.length > 0)) return null
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
