import type { FastifyInstance, FastifyReply } from 'fastify'
import { page } from '../kit/html.ts'
import { StripeError } from './errors.ts'
import type { FormFields } from './form.ts'
import { challengeForm, closedMessage, payForm } from './hosted-page-markup.ts'
import type { SessionRow } from './objects.ts'
import { type Payment, type PaymentResult, pay } from './payments.ts'
import { findSession } from './sessions.ts'
import type { Simulator } from './simulator.ts'

type ById = { Params: { id: string } }

/** Stripe's checkout page: plain forms, so that a browser without JavaScript and a test's `fetch` do the same. */
export function addHostedPage(app: FastifyInstance, simulator: Simulator): void {
  app.addHook('onRequest', async (request, reply) => {
    if (!request.url.startsWith('/checkout/') || !simulator.control.down) return
    return reply.code(503).type('text/plain').send('The payment page is down: the control of this simulator says so.')
  })

  app.get<ById>('/checkout/pay/:id', async ({ params }, reply) => show(reply, findSession(simulator, params.id)))

  app.post<ById>('/checkout/pay/:id', async ({ params, body }, reply) => {
    const row = findSession(simulator, params.id)
    const result = pay(simulator, row, readPayment(body))
    const paid = result === 'completed' || (result === 'closed' && row.session.status === 'complete')
    return paid ? reply.redirect(successUrl(row), 303) : show(reply, row, result)
  })

  app.post<ById>('/checkout/pay/:id/cancel', async ({ params }, reply) => {
    const row = findSession(simulator, params.id)
    return row.session.cancel_url ? reply.redirect(row.session.cancel_url, 303) : show(reply, row)
  })
}

/** `card_number=…`, `challenge=passed|failed` or `bank_debit=succeeds|fails|waits`; without any, the card that pays. */
export function readPayment(body: unknown): Payment {
  const { card_number: number, challenge, bank_debit: debit } = (body ?? {}) as FormFields
  if (challenge !== undefined) return { by: 'challenge', passed: challenge === 'passed' }
  if (debit === 'succeeds' || debit === 'fails' || debit === 'waits') return { by: 'bank_debit', outcome: debit }
  if (debit !== undefined)
    throw new StripeError(400, { type: 'invalid_request_error', message: 'bank_debit is succeeds, fails or waits' })
  return { by: 'card', number: String(number ?? '4242424242424242') }
}

function show(reply: FastifyReply, row: SessionRow, result?: PaymentResult) {
  const { session } = row
  const declined = typeof result === 'object' ? result.declined : null
  const content = () => {
    if (session.status !== 'open') return closedMessage(row, successUrl(row))
    return row.challenged && !declined ? challengeForm(row) : payForm(row, declined)
  }
  const status = session.status === 'expired' ? 410 : declined ? 402 : 200
  return reply
    .code(status)
    .header('cache-control', 'no-store')
    .type('text/html; charset=utf-8')
    .send(page('Checkout (simulated)', content()))
}

function successUrl({ id, session }: SessionRow): string {
  return (session.success_url ?? '').replaceAll('{CHECKOUT_SESSION_ID}', id)
}
