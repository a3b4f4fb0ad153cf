import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import compress from '@fastify/compress'
import cookie from '@fastify/cookie'
import formbody from '@fastify/formbody'
import fastifyStatic from '@fastify/static'
import { doorSettings, listed } from '@mart/service-kit/config'
import { connectTracing } from '@mart/service-kit/connect-tracing'
import { createBareApp } from '@mart/service-kit/http-server'
import { registerInstruments } from '@mart/service-kit/instruments'
import { createLogger } from '@mart/service-kit/logger'
import { createMetrics } from '@mart/service-kit/metrics'
import { addMetricsRoute } from '@mart/service-kit/metrics-route'
import { traceSpans } from '@mart/service-kit/tracing'
import type { Pages } from '@mart/web/pages'
import { forwardApi } from './api.ts'
import { readGatewayConfig, serviceUrls } from './config.ts'
import { guestOrders } from './guest-orders.ts'
import { leadToOneName, refuseOtherOrigins } from './same-origin.ts'
import { servicesAt } from './services-client.ts'
import { sessionsBy } from './session.ts'
import { addShop } from './shop.ts'

const built = join(import.meta.dirname, '../../web/build')
const PAGE_BYTES = 64 * 1024
const FORM_BYTES = 64 * 1024

/** Starts the gateway: the shop's pages, `/api/*`, the session. Throws ConfigError for bad settings. */
export async function startGateway(env: NodeJS.ProcessEnv = process.env) {
  const config = readGatewayConfig(env)
  const logger = createLogger('gateway', config.LOG_LEVEL)
  const metrics = createMetrics('gateway')
  registerInstruments(metrics, metrics, [traceSpans])
  const { tracer, stop: stopTracing } = await connectTracing('gateway', config, { logger, owner: metrics })
  const { pages } = (await import(join(built, 'server/server.js'))) as { pages: Pages }
  const urls = serviceUrls(config)
  const services = servicesAt(urls)
  const isSecure = config.SHOP_URL.startsWith('https:')
  const sessions = sessionsBy(services, { isSecure })
  const guests = guestOrders({ isSecure })

  const app = await createBareApp({ logger, metrics, tracer, ...doorSettings(config) })
  await app.register(cookie)
  leadToOneName(app, config.SHOP_URL)
  refuseOtherOrigins(app, config.SHOP_URL)
  await app.register(formbody, { bodyLimit: FORM_BYTES })
  // A page is compressed at once: a stream for each takes a tenth of the page's CPU more (docs/performance.md).
  await app.register(compress, { encodings: ['gzip'], syncThreshold: PAGE_BYTES })
  await app.register(fastifyStatic, {
    root: join(built, 'client'),
    preCompressed: true,
    index: false,
    wildcard: false,
    setHeaders(reply, path) {
      const isHashed = path.includes('/assets/')
      reply.header('cache-control', isHashed ? 'public, max-age=31536000, immutable' : 'public, max-age=3600')
    },
  })
  await forwardApi(app, { urls, sessions, guests })
  addShop(app, {
    pages,
    services,
    sessions,
    guests,
    origin: config.SHOP_URL,
    currencies: listed(config.SHOP_CURRENCIES),
    country: config.SHOP_COUNTRY,
    seller: { name: config.SELLER_NAME, address: config.SELLER_ADDRESS, taxNumber: config.SELLER_TAX_NUMBER },
  })
  let stopping = false
  const unlimited = { config: { rateLimit: false as const } }
  app.get('/health/live', unlimited, () => ({ status: 'live' }))
  app.get('/health/ready', unlimited, (_, reply) =>
    reply.code(stopping ? 503 : 200).send({ status: stopping ? 'unready' : 'ready' }),
  )
  addMetricsRoute(app, metrics, config.METRICS_TOKEN)
  // Whoever holds a connection opens the next one, which leads to another replica.
  app.server.prependListener('request', (_, response) => {
    if (stopping) response.setHeader('connection', 'close')
  })
  const url = await app.listen({ host: config.HOST, port: config.PORT })
  logger.info({ url }, 'ready')
  return {
    url,
    async stop() {
      if (stopping) return
      stopping = true
      await sleep(config.DRAIN_SECONDS * 1_000)
      await app.close()
      await stopTracing()
      logger.info('stopped')
    },
  }
}
