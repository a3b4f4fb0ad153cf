import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify'
import { fromForm } from '../kit/control-form.ts'
import { type Form, formOf } from './answers.ts'
import { findTransaction, readOutcome } from './checkout-page.ts'
import { replaceControl, rules } from './control.ts'
import { BadRequest } from './errors.ts'
import { PREFIX, type Simulator } from './simulator.ts'
import { finish, ofBasket, returnTo, settle } from './transactions.ts'

type ById = { Params: { id: string } }

/** How tests, a chaos run and a person at the index page move things along, or make them go wrong. */
export function addControl(app: FastifyInstance, simulator: Simulator): void {
  const { control, store, deliveries } = simulator

  app.get('/control', async () => control)
  app.put('/control', async ({ body }) => replaceControl(control, body))
  app.post('/control', async (request, reply) =>
    done(request, reply, replaceControl(control, fromForm(rules, asked(request)))),
  )

  app.get<ById>('/control/baskets/:id', async ({ params: { id } }) => ({
    transactions: ofBasket(store, id),
    notifications: store.notifications
      .all()
      .filter(({ basketId }) => basketId === id)
      .map((one) => ({ ...one, delivery: store.deliveries.get(one.id) })),
  }))

  // What the page does, without a browser: the answer says where that would go.
  app.post<ById>('/control/transactions/:id/pay', async (request, reply) => {
    const transaction = findTransaction(simulator, request.params.id)
    if (!finish(simulator, transaction, readOutcome(asked(request)))) throw new BadRequest('It is over already.')
    return done(request, reply, { transaction, return_url: returnTo(simulator, transaction).url })
  })

  app.post<ById>('/control/transactions/:id/settle', async (request, reply) => {
    const transaction = findTransaction(simulator, request.params.id)
    const { code = '000' } = asked(request)
    if (!settle(simulator, transaction, code)) throw new BadRequest('It is neither pending nor timed out.')
    return done(request, reply, { transaction })
  })

  app.post<ById>('/control/notifications/:id/resend', async (request, reply) => {
    const notification = store.notifications.get(request.params.id)
    if (!notification) throw new BadRequest('There is no such notification.', 404)
    deliveries.resend(notification.id)
    return done(request, reply, { notification })
  })

  app.post('/control/forget-tokens', async (request, reply) => {
    for (const table of [store.tokens, store.bearers]) for (const { id } of table.all()) table.remove(id)
    return done(request, reply, {})
  })
}

const asked = ({ body }: FastifyRequest): Form =>
  body instanceof URLSearchParams ? formOf(body) : ((body ?? {}) as Form)

/** JSON for a program; back to the index page for a person who pressed a button there. */
const done = (request: FastifyRequest, reply: FastifyReply, answer: object) =>
  request.headers.accept?.includes('text/html') ? reply.redirect(PREFIX, 303) : reply.send(answer)
