import type { OrderShape } from '@mart/contracts/http/order-shapes'
import type { App, FastifyReply } from '@mart/service-kit/http-server'
import type { FormProblem, FormState } from '@mart/web/pages'
import { ServiceRefusal } from '../services-client.ts'
import { emptyForm, faultsAt, fieldsOf, missingIn } from './forms.ts'
import type { Shop } from './open-shop.ts'
import { type OrderRequest, pathOf, showOrder, whoAsks } from './orders.ts'
import { signInFirst } from './sign-in-first.ts'

const required = ['name', 'phone', 'line1', 'city', 'country'] as const
const texts = ['name', 'phone', 'line1', 'line2', 'city', 'region', 'postal_code', 'country'] as const
const changeable = new Set<OrderShape['status']>(['placed', 'awaiting_payment', 'confirmed'])

const problems: Readonly<Record<string, FormProblem>> = {
  delivery_charge_differs: 'charge_differs',
  payment_method_unavailable: 'not_paid_there',
  too_many_requests: 'too_many_tries',
}

/** Where an order goes, until it is shipped: a page of its own, since an order's page is replaced while one types. */
export function addOrderAddress(app: App, shop: Shop): void {
  app.get<{ Params: { id: string } }>('/orders/:id/address', async (request, reply) => {
    const { order } = await orderOf(shop, request, reply)
    if (!order) return await signInFirst(shop, request, reply)
    if (!changeable.has(order.status)) return reply.redirect(pathOf(request), 303)
    const known = Object.fromEntries(texts.map((name) => [name, order.shipping_address[name] ?? '']))
    const values = shop.typed.of(request, await shop.sessions.of(request)) ?? known
    return await showForm(shop, request, reply, order, { ...emptyForm, values })
  })

  app.post<{ Params: { id: string } }>('/orders/:id/address', async (request, reply) => {
    const { order, caller } = await orderOf(shop, request, reply)
    if (!order || !caller) return await signInFirst(shop, request, reply)
    const fields = fieldsOf(request)
    const again = (found: Omit<FormState, 'values'>, status: number) =>
      showForm(shop, request, reply, order, { values: fields, ...found }, status)
    const missing = missingIn(fields, required)
    if (Object.keys(missing).length > 0) return await again({ faults: missing, problem: null }, 422)
    const given = texts.flatMap((name) => (fields[name]?.trim() ? [[name, fields[name]]] : []))
    const body = { ...Object.fromEntries(given), country: fields['country']?.trim().toUpperCase() }
    try {
      await shop.services.ask('order', `${pathOf(request)}/shipping-address`, caller, { method: 'PUT', body })
    } catch (error) {
      if (!(error instanceof ServiceRefusal) || error.status === 401 || error.status === 404) throw error
      const { code = '' } = error.problem
      if (code === 'address_settled')
        return await showOrder(shop, request, reply, { problem: 'too_late', status: error.status })
      const problem = problems[code]
      return await again(problem ? { faults: {}, problem } : faultsAt(error.problem, texts), error.status)
    }
    shop.typed.forget(request, reply, `${pathOf(request)}/address`)
    return reply.redirect(pathOf(request), 303)
  })
}

async function orderOf(shop: Shop, request: OrderRequest, reply: FastifyReply) {
  const caller = await whoAsks(shop, request, reply)
  return { caller, order: caller && (await shop.services.ask<OrderShape>('order', pathOf(request), caller)) }
}

async function showForm(
  shop: Shop,
  request: OrderRequest,
  reply: FastifyReply,
  { id, number }: OrderShape,
  form: FormState,
  status = 200,
) {
  const { frame } = await shop.visit(request)
  return shop.show(reply, shop.pages.orderAddress(frame, { id, number, form }), status)
}
