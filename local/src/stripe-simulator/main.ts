import Fastify, { type FastifyInstance } from 'fastify'
import { addApi } from './api.ts'
import { startClock } from './clock.ts'
import { calm } from './control.ts'
import { addControl } from './control-routes.ts'
import { envelope, StripeError } from './errors.ts'
import { parseForm } from './form.ts'
import { addHostedPage } from './hosted-page.ts'
import { newId } from './ids.ts'
import { addIndexPage } from './index-page.ts'
import type { Simulator } from './simulator.ts'
import { openStore } from './store.ts'
import { startDeliveries } from './webhooks.ts'

export type StripeSimulatorOptions = {
  /** 0 takes any free one. */
  port: number
  host: string
  /** Where a browser reaches this simulator; not given: the address that it listens on. */
  publicUrl?: string
  webhookSecret: string
  /** Events are POSTed to this address followed by `/stripe`. */
  webhookUrl: string
  apiKey: string
  /** Where state is kept over a restart; not given: it lives in memory and a restart forgets all sessions. */
  stateFile?: string
}

/**
 * Starts a stateful stand-in for Stripe: its HTTP API under `/v1` (the official SDK works against it unchanged), the
 * hosted payment page, signed webhooks and a control of what goes wrong. Rejects when the port is taken or the state
 * file cannot be read.
 */
export async function startStripeSimulator(
  options: StripeSimulatorOptions,
): Promise<{ url: string; stop(): Promise<void> }> {
  const app = Fastify({
    logger: { level: 'error' },
    genReqId: () => newId('req_', 14),
    forceCloseConnections: true,
  })
  const store = await openStore(options.stateFile, (error) => app.log.error(error, 'the state file was not written'))
  const control = { ...calm }
  const { webhookUrl, webhookSecret, apiKey } = options
  const deliveries = startDeliveries({ store, control, webhookUrl, webhookSecret })
  const simulator: Simulator = { apiKey, publicUrl: options.publicUrl ?? '', store, control, deliveries }

  answerInEnvelopes(app)
  app.addContentTypeParser('application/x-www-form-urlencoded', { parseAs: 'string' }, (_request, body, parsed) =>
    parsed(null, parseForm(body.toString())),
  )
  app.get('/health/live', async () => ({ status: 'ok' }))
  addApi(app, simulator)
  addHostedPage(app, simulator)
  addControl(app, simulator)
  addIndexPage(app, simulator)

  const url = await app.listen({ port: options.port, host: options.host })
  simulator.publicUrl ||= url
  deliveries.resume()
  const stopClock = startClock(simulator)
  return {
    url,
    async stop() {
      stopClock()
      deliveries.stop()
      await app.close()
      await store.close()
    },
  }
}

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
