import { setTimeout as sleep } from 'node:timers/promises'
import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify'
import { takeOne } from '../kit/control.ts'
import { nowS } from '../kit/ids.ts'
import { spoilAnswers } from '../kit/spoil-answers.ts'
import type { ApiRoute } from './api-route.ts'
import { disputeRoutes } from './disputes.ts'
import { envelope, invalidRequest, StripeError } from './errors.ts'
import { API_VERSION, eventRoutes } from './events.ts'
import { canonical, type FormFields, parseForm } from './form.ts'
import { type Answer, earlierAnswer, keyInUse } from './idempotency.ts'
import { paymentIntentRoutes } from './payment-intents.ts'
import { refundRoutes } from './refunds.ts'
import { retrieveRoutes } from './retrieve.ts'
import { sessionRoutes } from './sessions.ts'
import type { Simulator } from './simulator.ts'

const routes = [
  ...sessionRoutes,
  ...paymentIntentRoutes,
  ...refundRoutes,
  ...disputeRoutes,
  ...eventRoutes,
  ...retrieveRoutes,
]

export function addApi(app: FastifyInstance, simulator: Simulator): void {
  const keysInUse = new Set<string>()

  app.addHook('onRequest', async (request, reply) => {
    if (!request.url.startsWith('/v1')) return
    reply.header('Request-Id', request.id).header('Stripe-Version', API_VERSION)
    if (simulator.control.down)
      throw new StripeError(503, {
        type: 'api_error',
        message: 'Stripe is down: the control of this simulator says so.',
      })
    checkKey(request.headers.authorization, simulator.apiKey)
    const version = request.headers['stripe-version'] ?? API_VERSION
    if (version !== API_VERSION)
      throw invalidRequest(`Invalid Stripe API version: ${String(version)}. This simulator speaks ${API_VERSION}.`)
  })

  spoilAnswers(app, simulator.control, '/v1')
  for (const route of routes) {
    app.route({
      method: route.method,
      url: route.path,
      handler: async (request, reply) => {
        const key = request.headers['idempotency-key']
        if (route.method === 'GET' || typeof key !== 'string' || key === '')
          return send(reply, await answer(simulator, { route, request, key: null }))
        return once(simulator, { route, request, reply, key, keysInUse })
      },
    })
  }
}

type Asking = { route: ApiRoute; request: FastifyRequest; key: string | null }
type AskingOnce = Asking & { key: string; reply: FastifyReply; keysInUse: Set<string> }

async function once(simulator: Simulator, { route, request, reply, key, keysInUse }: AskingOnce) {
  const { answers } = simulator.store
  const endpoint = pathOf(request)
  const parameters = canonical(formOf(request))
  reply.header('Idempotency-Key', key)
  if (keysInUse.has(key)) throw keyInUse(key)
  const earlier = earlierAnswer(answers, key, { endpoint, parameters })
  if (earlier) {
    reply.header('Idempotent-Replayed', 'true').header('Original-Request', earlier.requestId)
    return send(reply, earlier)
  }
  keysInUse.add(key)
  try {
    return send(
      reply,
      await answer(simulator, { route, request, key }, (given) => {
        answers.put({ ...given, id: key, endpoint, parameters, atS: nowS() })
      }),
    )
  } finally {
    keysInUse.delete(key)
  }
}

/** `keep` is called as soon as the thing is done: a slow answer that nobody waits for is still the first answer. */
async function answer(
  simulator: Simulator,
  { route, request, key }: Asking,
  keep: (given: Answer) => void = () => undefined,
): Promise<Answer> {
  const act = route.prepare(formOf(request))
  const { id = '' } = request.params as { id?: string }
  const given = attempt(request, () => {
    const done = act(simulator, { id, cause: { id: request.id, idempotency_key: key } })
    if (route.method === 'POST' && takeOne(simulator.control, 'fail_after_doing'))
      throw new StripeError(500, { type: 'api_error', message: 'An unknown error occurred' })
    return done
  })
  keep(given)
  if (simulator.control.answer_delay_ms > 0) await sleep(simulator.control.answer_delay_ms, undefined, { ref: false })
  return given
}

function attempt({ id }: FastifyRequest, act: () => object): Answer {
  try {
    return { status: 200, body: JSON.stringify(act()), requestId: id }
  } catch (error) {
    if (!(error instanceof StripeError)) throw error
    return { status: error.status, body: JSON.stringify(envelope(error, id)), requestId: id }
  }
}

function send(reply: FastifyReply, { status, body }: Answer) {
  return reply.code(status).type('application/json').send(body)
}

function pathOf(request: FastifyRequest): string {
  return request.url.split('?')[0] ?? ''
}

function formOf(request: FastifyRequest): FormFields {
  if (request.method === 'GET') return parseForm(request.url.split('?')[1] ?? '')
  if (request.headers['content-type']?.startsWith('application/json'))
    throw invalidRequest(
      'Invalid request (check that your POST content type is application/x-www-form-urlencoded). If you have any questions, we can help at https://support.stripe.com/.',
    )
  return (request.body ?? {}) as FormFields
}

function checkKey(authorization: string | undefined, apiKey: string): void {
  const refuse = (message: string) => new StripeError(401, { type: 'invalid_request_error', message })
  const [scheme = '', credentials = ''] = (authorization ?? '').split(' ')
  const basic = scheme.toLowerCase() === 'basic'
  const key = basic ? (Buffer.from(credentials, 'base64').toString().split(':')[0] ?? '') : credentials
  if (key === '')
    throw refuse(
      "You did not provide an API key. You need to provide your API key in the Authorization header, using Bearer auth (e.g. 'Authorization: Bearer YOUR_SECRET_KEY'). See https://stripe.com/docs/api#authentication for details, or we can help at https://support.stripe.com/.",
    )
  if (key !== apiKey)
    throw refuse(`Invalid API Key provided: ${key.slice(0, 8)}${'*'.repeat(8)}${key.length > 16 ? key.slice(-4) : ''}`)
}
