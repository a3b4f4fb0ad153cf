import type { FastifyInstance } from 'fastify'
import { startDeliveries } from '../kit/deliveries.ts'
import { html, page } from '../kit/html.ts'
import { type Served, type ServeOptions, type StandIn, serve } from '../kit/serve.ts'
import { spoilAnswers } from '../kit/spoil-answers.ts'
import { addAccessToken } from './access-token.ts'
import { addCheckoutPage } from './checkout-page.ts'
import { newControl } from './control.ts'
import { addControl } from './control-routes.ts'
import { BadRequest, netError } from './errors.ts'
import { addIndexPage } from './index-page.ts'
import { requestOf } from './notifications.ts'
import { addRestApi } from './rest-api.ts'
import { PREFIX, type Simulator } from './simulator.ts'
import { openStore } from './store.ts'
import { startClock } from './transactions.ts'

export type PayfastOptions = {
  merchantId: string
  securedKey: string
  /** Where state is kept over a restart; not given: it lives in memory and a restart forgets all transactions. */
  stateFile?: string
}

/**
 * A stateful stand-in for PayFast (gopayfast.com): hosted checkout under `/payfast/Ecommerce/api/Transaction`, the REST
 * API under `/payfast/api`, notifications and a control of what goes wrong.
 */
export const payfastStandIn = ({ merchantId, securedKey, stateFile }: PayfastOptions): StandIn => ({
  name: 'PayFast',
  prefix: PREFIX,
  home: PREFIX,
  checkout: `${PREFIX}/Ecommerce/api/Transaction/PostTransaction`,
  async mount(app) {
    const onError = (error: unknown) => app.log.error(error, 'the state file was not written')
    const store = await openStore({ stateFile, onError })
    const control = newControl()
    const deliveries = startDeliveries({
      control,
      records: store.deliveries,
      request: (id) => {
        const notification = store.notifications.get(id)
        return notification && requestOf(notification, { merchantId, securedKey, control })
      },
      retryAfterMs: () => undefined, // no retries are documented
    })
    const simulator: Simulator = { merchantId, securedKey, store, control, deliveries }
    let stopClock = () => {}

    prepare(app, simulator)
    addAccessToken(app, simulator)
    addCheckoutPage(app, simulator)
    addRestApi(app, simulator)
    addControl(app, simulator)
    addIndexPage(app, simulator)
    return {
      begin() {
        deliveries.resume()
        stopClock = startClock(simulator)
      },
      stop() {
        stopClock()
        deliveries.stop()
      },
      close: store.close,
    }
  },
})

/** PayFast's simulator alone on a port. Rejects when the port is taken or the state file cannot be read. */
export const startPayfastSimulator = (options: ServeOptions & PayfastOptions): Promise<Served> =>
  serve(options, [payfastStandIn(options)])

function prepare(app: FastifyInstance, { control }: Simulator): void {
  app.addContentTypeParser('application/x-www-form-urlencoded', { parseAs: 'string' }, (_request, body, parsed) =>
    parsed(null, new URLSearchParams(body.toString())),
  )
  app.addHook('onRequest', async ({ url }, reply) => {
    const isOurs = url === PREFIX || url.startsWith(`${PREFIX}/control`)
    if (control.down && !isOurs)
      return reply.code(503).type('text/html').send('<html><body><h1>503 Service Unavailable</h1></body></html>')
  })
  spoilAnswers(app, control, `${PREFIX}/Ecommerce/api/Transaction/GetAccessToken`)
  spoilAnswers(app, control, `${PREFIX}/api/`)
  app.setErrorHandler((error, request, reply) => {
    const isKnown = error instanceof BadRequest
    const status = isKnown ? error.status : ((error as { statusCode?: number }).statusCode ?? 500)
    if (status >= 500) app.log.error(error, 'unexpected')
    if (!isKnown && status >= 500) return reply.code(500).send(netError)
    const message = (error as Error).message
    if (request.url.startsWith(`${PREFIX}/control`)) return reply.code(status).send({ message })
    return reply
      .code(status)
      .type('text/html; charset=utf-8')
      .send(page('PayFast (simulated)', refusal(message)))
  })
}

const refusal = (message: string) =>
  html`<h1>PayFast refuses</h1><p class="error">${message}</p><p>Nothing was charged.</p>`
