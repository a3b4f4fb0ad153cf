import type { App, FastifyReply, FastifyRequest } from '@mart/service-kit/http-server'
import type { FieldFault, FormProblem, FormState } from '@mart/web/pages'
import { ServiceRefusal } from '../services-client.ts'
import { fieldsOf, keyIn } from './forms.ts'
import { onceDone } from './once-done.ts'
import type { Shop } from './open-shop.ts'
import { type OrderRequest, pathOf, showOrder, whoAsks } from './orders.ts'
import { signInFirst } from './sign-in-first.ts'

type Fields = Readonly<Record<string, string>>

/** A buyer sends something back: by line and quantity, with a reason; or keeps it after all. */
export function addReturns(app: App, shop: Shop): void {
  app.post<{ Params: { id: string } }>('/orders/:id/returns', (request, reply) => askReturn(shop, request, reply))

  app.post<{ Params: { id: string; returnId: string } }>('/orders/:id/returns/:returnId/withdraw', (request, reply) =>
    withdrawReturn(shop, request, reply),
  )
}

async function withdrawReturn(
  shop: Shop,
  request: FastifyRequest<{ Params: { id: string; returnId: string } }>,
  reply: FastifyReply,
) {
  const caller = await whoAsks(shop, request, reply)
  const path = pathOf(request)
  if (!caller) return await signInFirst(shop, request, reply)
  const ofReturn = `${path}/returns/${encodeURIComponent(request.params.returnId)}`
  try {
    await shop.services.ask('order', `${ofReturn}/withdraw`, caller, { method: 'POST' })
  } catch (error) {
    if (!(error instanceof ServiceRefusal) || error.problem.code !== 'not_withdrawable') throw error
    return await showOrder(shop, request, reply, { problem: 'not_withdrawable', status: 409 })
  }
  return reply.redirect(`${path}#returns`, 303)
}

async function askReturn(shop: Shop, request: OrderRequest, reply: FastifyReply) {
  const caller = await whoAsks(shop, request, reply)
  const path = pathOf(request)
  if (!caller) return await signInFirst(shop, request, reply)
  const fields = fieldsOf(request)
  const lines = chosenIn(fields)
  const again = (status: number, found: Pick<FormState, 'faults' | 'problem'>) =>
    showOrder(shop, request, reply, { returnForm: { values: fields, ...found }, status })
  const withoutReason = lines.filter(({ reason }) => reason === '')
  if (lines.length === 0) return await again(422, { faults: {}, problem: 'nothing_to_return' })
  if (withoutReason.length > 0) {
    const faults = Object.fromEntries(withoutReason.map(({ sku }) => [`reason:${sku}`, 'required' as const]))
    return await again(422, { faults, problem: null })
  }
  try {
    await onceDone(() =>
      shop.services.ask('order', `${path}/returns`, caller, {
        method: 'POST',
        headers: { 'idempotency-key': keyIn(fields) },
        body: { lines, ...(fields['note']?.trim() && { note: fields['note'] }) },
      }),
    )
  } catch (error) {
    if (!(error instanceof ServiceRefusal) || error.status === 401 || error.status === 404) throw error
    const faults = faultsIn(error, lines)
    return await again(error.status, { faults, problem: problemIn(error, faults) })
  }
  shop.typed.forget(request, reply, path)
  return reply.redirect(`${path}#returns`, 303)
}

/** The lines of which somebody wants to send something back. */
const chosenIn = (fields: Fields) =>
  Object.entries(fields).flatMap(([name, value]) => {
    const sku = /^quantity:(.+)$/.exec(name)?.[1]
    const quantity = value.trim() === '' ? 0 : Number(value)
    return sku === undefined || quantity === 0 ? [] : [{ sku, quantity, reason: fields[`reason:${sku}`] ?? '' }]
  })

/** What the order service found wrong, at the fields of the form. */
function faultsIn({ problem }: ServiceRefusal, lines: readonly { sku: string }[]): Record<string, FieldFault> {
  return Object.fromEntries(
    (problem.errors ?? []).map(({ field, code }) => {
      const [, index, name] = /^lines\[(\d+)\]\.(\w+)$/.exec(field) ?? []
      const sku = lines[Number(index)]?.sku
      if (sku === undefined) return [field, code === 'maxLength' ? 'too_long' : 'other']
      return name === 'reason' ? [`reason:${sku}`, 'other'] : [`quantity:${sku}`, 'not_so_many']
    }),
  )
}

function problemIn({ problem: { code } }: ServiceRefusal, faults: object): FormProblem | null {
  if (code === 'return_period_over') return 'return_period_over'
  if (code === 'not_returnable') return 'not_returnable'
  if (code === 'idempotency_key_reused') return 'returned_already'
  if (code === 'too_many_requests') return 'too_many_tries'
  return Object.keys(faults).length > 0 ? null : 'not_taken'
}
