import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify'
import { fromForm } from '../kit/control-form.ts'
import { replaceControl, rules } from './control.ts'
import { closeDispute, openDispute } from './disputes.ts'
import { envelope, invalidRequest, noSuch, StripeError } from './errors.ts'
import { readPayment } from './hosted-page.ts'
import { pay, settleDebit } from './payments.ts'
import { settleRefund } from './refunds.ts'
import { expireSession, findSession } from './sessions.ts'
import type { Simulator } from './simulator.ts'
import { renderEvent } from './webhooks.ts'

type ById = { Params: { id: string } }

/** How tests, a chaos run and a person at the index page move things along, or make them go wrong. */
export function addControl(app: FastifyInstance, simulator: Simulator): void {
  const { store } = simulator

  addDisputeControl(app, simulator)
  addFaults(app, simulator)

  app.post<ById>('/control/sessions/:id/pay', async (request, reply) => {
    const row = findSession(simulator, request.params.id)
    const result = pay(simulator, row, readPayment(request.body))
    if (result === 'closed') throw invalidRequest(`This Checkout Session has a status of \`${row.session.status}\`.`)
    if (typeof result === 'object') {
      const error = new StripeError(402, { type: 'card_error', message: result.declined })
      return reply.code(402).send({ ...envelope(error, request.id), session: row.session })
    }
    return done(request, reply, { result, session: row.session })
  })

  app.post<ById>('/control/sessions/:id/async', async (request, reply) => {
    const row = findSession(simulator, request.params.id)
    if (!settleDebit(simulator, row, readOutcome(request.body)))
      throw invalidRequest('This Checkout Session has no bank debit under way.')
    return done(request, reply, { session: row.session })
  })

  app.post<ById>('/control/sessions/:id/expire', async (request, reply) => {
    const row = findSession(simulator, request.params.id)
    if (row.session.status === 'open') expireSession(simulator, row)
    return done(request, reply, { session: row.session })
  })

  app.post<ById>('/control/refunds/:id/async', async (request, reply) => {
    const refund = store.refunds.get(request.params.id)
    if (!refund) throw noSuch('refund', request.params.id, { param: 'id' })
    if (!settleRefund(simulator, refund, readOutcome(request.body)))
      throw invalidRequest(`This refund is ${refund.status} for good.`)
    return done(request, reply, { refund })
  })

  app.post<ById>('/control/events/:id/resend', async (request, reply) => {
    const event = store.events.get(request.params.id)
    if (!event) throw noSuch('event', request.params.id, { param: 'id' })
    simulator.deliveries.resend(event.id)
    return done(request, reply, renderEvent(store, event))
  })
}

function addFaults(app: FastifyInstance, simulator: Simulator): void {
  const { control } = simulator
  app.get('/control', async () => control)
  app.put('/control', async ({ body }) => replaceControl(control, body))
  app.post('/control', async (request, reply) =>
    done(request, reply, replaceControl(control, fromForm(rules, (request.body ?? {}) as Record<string, unknown>))),
  )

  app.put('/control/webhook-secret', async ({ body }) => {
    const { secret } = (body ?? {}) as { secret?: unknown }
    if (typeof secret !== 'string' || secret === '')
      throw invalidRequest('secret is one, or several with commas between', { param: 'secret' })
    simulator.rollOver(secret)
    return {}
  })
}

function addDisputeControl(app: FastifyInstance, simulator: Simulator): void {
  const { store } = simulator

  app.post<ById>('/control/sessions/:id/dispute', async (request, reply) => {
    const { session } = findSession(simulator, request.params.id)
    const intent = store.paymentIntents.get(session.payment_intent ?? '')
    const { reason } = (request.body ?? {}) as { reason?: string }
    return done(request, reply, {
      dispute: openDispute(simulator, store.charges.get(intent?.latest_charge ?? ''), reason),
    })
  })

  app.post<ById>('/control/disputes/:id/close', async (request, reply) => {
    const dispute = store.disputes.get(request.params.id)
    if (!dispute) throw noSuch('dispute', request.params.id, { param: 'id' })
    const { outcome } = (request.body ?? {}) as { outcome?: unknown }
    if (outcome !== 'won' && outcome !== 'lost') throw invalidRequest('outcome is won or lost', { param: 'outcome' })
    if (!closeDispute(simulator, dispute, outcome)) throw invalidRequest(`This dispute is ${dispute.status}.`)
    return done(request, reply, { dispute })
  })
}

function readOutcome(body: unknown): 'succeeds' | 'fails' {
  const { outcome } = (body ?? {}) as { outcome?: unknown }
  if (outcome === 'succeeded') return 'succeeds'
  if (outcome === 'failed') return 'fails'
  throw invalidRequest('outcome is succeeded or failed', { param: 'outcome' })
}

/** JSON for a program; back to the index page for a person who pressed a button there. */
function done(request: FastifyRequest, reply: FastifyReply, answer: object) {
  return request.headers.accept?.includes('text/html') ? reply.redirect('/stripe', 303) : reply.send(answer)
}
