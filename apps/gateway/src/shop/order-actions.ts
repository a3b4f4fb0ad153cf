import type { App, FastifyReply } from '@mart/service-kit/http-server'
import type { FormProblem } from '@mart/web/pages'
import { ServiceRefusal } from '../services-client.ts'
import { fieldsOf } from './forms.ts'
import type { Shop } from './open-shop.ts'
import { type OrderRequest, pathOf, showOrder, whoAsks } from './orders.ts'
import { signInFirst } from './sign-in-first.ts'

/** An order is cancelled, or paid in another way. */
export function addOrderActions(app: App, shop: Shop): void {
  app.post<{ Params: { id: string } }>('/orders/:id/cancel', (request, reply) =>
    act(shop, request, reply, 'cancel', {}),
  )

  app.post<{ Params: { id: string } }>('/orders/:id/payment', (request, reply) =>
    act(shop, request, reply, 'payment', { payment_method: fieldsOf(request)['payment_method'] }),
  )
}

async function act(shop: Shop, request: OrderRequest, reply: FastifyReply, what: 'cancel' | 'payment', body: object) {
  const caller = await whoAsks(shop, request, reply)
  const path = pathOf(request)
  if (!caller) return await signInFirst(shop, request, reply)
  try {
    await shop.services.ask('order', `${path}/${what}`, caller, { method: 'POST', body })
  } catch (error) {
    if (!(error instanceof ServiceRefusal) || error.status === 401 || error.status === 404) throw error
    return await showOrder(shop, request, reply, { problem: problemIn(error), status: error.status })
  }
  return reply.redirect(path, 303)
}

const byCode: Readonly<Record<string, FormProblem>> = {
  not_cancellable: 'too_late',
  not_awaiting_payment: 'too_late',
  payment_method_unavailable: 'way_not_offered',
  invalid_input: 'no_such_way',
  too_many_requests: 'too_many_tries',
}

const byReason: Readonly<Record<string, FormProblem>> = {
  country: 'way_not_there',
  city: 'way_not_there',
  currency: 'way_not_for_currency',
  sum_too_small: 'way_not_for_sum',
  sum_too_large: 'way_not_for_sum',
  sum_not_payable: 'way_not_for_sum',
}

/** Why the order service does not do it, by its code and, of a way to pay, its reason. */
function problemIn({ status, problem }: ServiceRefusal): FormProblem {
  const { code = '', reason = '' } = problem as { readonly code?: string; readonly reason?: string }
  if (code === 'email_not_proven') return status === 429 ? 'second_cash_order' : 'too_much_cash'
  return byReason[reason] ?? byCode[code] ?? 'not_taken'
}
