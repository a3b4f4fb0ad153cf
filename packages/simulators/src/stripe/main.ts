import type { FastifyInstance } from 'fastify'
import { type Served, type ServeOptions, type StandIn, serve } from '../kit/serve.ts'
import { addApi } from './api.ts'
import { startClock } from './clock.ts'
import { newControl } from './control.ts'
import { addControl } from './control-routes.ts'
import { envelope, StripeError } from './errors.ts'
import { parseForm } from './form.ts'
import { addHostedPage } from './hosted-page.ts'
import { addIndexPage } from './index-page.ts'
import type { Simulator } from './simulator.ts'
import { openStore } from './store.ts'
import { startWebhooks } from './webhooks.ts'

export type StripeOptions = {
  /** Several, comma-separated, sign each event with each, as Stripe does while a secret is rolled over. */
  webhookSecret: string
  /** Events are POSTed to this address followed by `/stripe`. */
  webhookUrl: string
  apiKey: string
  /** Where state is kept over a restart; not given: it lives in memory and a restart forgets all sessions. */
  stateFile?: string
}

export type StripeSimulatorOptions = ServeOptions & StripeOptions

/**
 * A stateful stand-in for Stripe: its HTTP API under `/v1` (the official SDK works against it unchanged), the hosted
 * payment page, signed webhooks and a control of what goes wrong.
 */
export const stripeStandIn = (options: StripeOptions): StandIn => ({
  name: 'Stripe',
  prefix: '',
  home: '/stripe',
  async mount(app) {
    const onError = (error: unknown) => app.log.error(error, 'the state file was not written')
    const store = await openStore({ stateFile: options.stateFile, onError })
    const control = newControl()
    const { webhookUrl, webhookSecret, apiKey } = options
    const webhooks = startWebhooks({ store, control, webhookUrl, webhookSecret })
    const simulator: Simulator = { apiKey, publicUrl: '', store, control, ...webhooks }
    let stopClock = () => {}

    answerInEnvelopes(app)
    app.addContentTypeParser('application/x-www-form-urlencoded', { parseAs: 'string' }, (_request, body, parsed) =>
      parsed(null, parseForm(body.toString())),
    )
    addApi(app, simulator)
    addHostedPage(app, simulator)
    addControl(app, simulator)
    addIndexPage(app, simulator)
    return {
      begin(publicUrl) {
        simulator.publicUrl = publicUrl
        simulator.deliveries.resume()
        stopClock = startClock(simulator)
      },
      stop() {
        stopClock()
        simulator.deliveries.stop()
      },
      close: store.close,
    }
  },
})

/** Stripe's simulator alone on a port. Rejects when the port is taken or the state file cannot be read. */
export const startStripeSimulator = (options: StripeSimulatorOptions): Promise<Served> =>
  serve(options, [stripeStandIn(options)])

/** Also for what goes wrong before a route is found: the SDK takes an answer without `error` for a success. */
function answerInEnvelopes(app: FastifyInstance): void {
  app.setErrorHandler((error, request, reply) => {
    const known = error instanceof StripeError ? error : fromFastify(error)
    if (known.status === 500) app.log.error(error, 'unexpected')
    return reply.code(known.status).send(envelope(known, request.id))
  })
  app.setNotFoundHandler((request, reply) => {
    const message = `Unrecognized request URL (${request.method}: ${request.url.split('?')[0]}). Please see https://stripe.com/docs or we can help at https://support.stripe.com/.`
    return reply.code(404).send(envelope(new StripeError(404, { type: 'invalid_request_error', message }), request.id))
  })
}

function fromFastify(error: unknown): StripeError {
  const { statusCode = 500, message } = error as { statusCode?: number; message: string }
  if (statusCode < 500) return new StripeError(statusCode, { type: 'invalid_request_error', message })
  return new StripeError(500, { type: 'api_error', message: 'An unknown error occurred' })
}
