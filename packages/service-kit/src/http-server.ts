import { randomUUID } from 'node:crypto'
import type { TypeBoxTypeProvider } from '@fastify/type-provider-typebox'
import Fastify, { type FastifyBaseLogger, type FastifyReply, type FastifyRequest, LogController } from 'fastify'
import { parseBodies } from './bodies.ts'
import { answerBroken } from './broken-requests.ts'
import type { App } from './http-app.ts'
import { limitRates } from './limits.ts'
import { type Logger, logContext } from './logger.ts'
import type { Metrics } from './metrics.ts'
import { describeRoutes } from './open-api.ts'
import { guardRoutes } from './people.ts'
import { answerProblems, asRefusal, loggedElsewhere, pathOf, sendProblem } from './problems.ts'
import { refuseUnknownRoutes } from './routes-asked.ts'
import { checkStrictly } from './schema-checks.ts'
import type { RevokedTokens } from './token-revocation.ts'

export type { FastifyReply, FastifyRequest } from 'fastify'
export type { App } from './http-app.ts'

export interface HttpOptions {
  readonly name: string
  readonly description: string
  readonly logger: Logger
  readonly metrics: Metrics
  readonly jwksUrl: string
  /** Which tokens that were good when they were issued are refused since. */
  readonly revokedTokens?: Pick<RevokedTokens, 'isRevoked' | 'whenRevoked'>
  /** Requests a minute of one caller; null for any number. */
  readonly rateLimitPerMinute: number | null
  /** Addresses and networks whose `x-forwarded-for` is believed. */
  readonly trustedProxies?: readonly string[]
  /** Connections at once; further ones are closed. */
  readonly maxConnections?: number
}

/** Of a body, where a route does not say another limit. */
const BODY_LIMIT_BYTES = 64 * 1024

/** How long a client may take, for every server of a service. The times are looked at once a second. */
export const clientPatience = {
  connectionsCheckingInterval: 1_000,
  headersTimeout: 10_000,
  requestTimeout: 30_000,
  keepAliveTimeout: 65_000,
} as const
/** A socket on which nothing moves, as of a client that does not read its answer. */
const SOCKET_TIMEOUT_MS = 120_000
const routerOptions = { maxParamLength: 300 }

/** A Fastify app with everything that each service's door has: strict schemas, problems, guards, OpenAPI, metrics. */
export async function createApp(options: HttpOptions): Promise<App> {
  const app: App = Fastify({
    loggerInstance: options.logger as FastifyBaseLogger,
    childLoggerFactory: (logger) => logger, // the request's id comes from logContext
    logController: new LogController({ disableRequestLogging: true }),
    bodyLimit: BODY_LIMIT_BYTES,
    genReqId: requestId,
    http: clientPatience,
    requestTimeout: clientPatience.requestTimeout,
    keepAliveTimeout: clientPatience.keepAliveTimeout,
    connectionTimeout: SOCKET_TIMEOUT_MS,
    forceCloseConnections: 'idle',
    routerOptions,
    trustProxy: options.trustedProxies?.length ? [...options.trustedProxies] : false,
    clientErrorHandler: answerBroken,
    frameworkErrors: (error, request, reply) => {
      sendProblem(request as FastifyRequest, reply as FastifyReply, asRefusal(error, request as FastifyRequest))
    },
  }).withTypeProvider<TypeBoxTypeProvider>()
  app.server.maxConnections = options.maxConnections ?? 2_000
  parseBodies(app)
  checkStrictly(app)
  answerProblems(app)
  followRequests(app, options)
  if (options.rateLimitPerMinute !== null) await limitRates(app, options.rateLimitPerMinute)
  refuseUnknownRoutes(app, routerOptions)
  guardRoutes(app, options)
  await describeRoutes(app, options)
  closeWhatFallsIdle(app)
  return app
}

/** While the app closes, each connection ends with the answer under way: kept alive it would hold up the end. */
function closeWhatFallsIdle(app: App): void {
  app.addHook('preClose', async () => {
    const sweep = setInterval(() => app.server.closeIdleConnections(), 50).unref()
    app.server.once('close', () => clearInterval(sweep))
  })
}

function requestId(request: { headers: Record<string, string | string[] | undefined> }): string {
  const given = request.headers['x-request-id']
  return typeof given === 'string' && /^[\w.:-]{8,100}$/.test(given) ? given : randomUUID()
}

function followRequests(app: App, { logger, metrics }: HttpOptions): void {
  app.addHook('onRequest', (request, reply, done) => {
    reply.header('x-request-id', request.id).header('x-content-type-options', 'nosniff')
    // What is answered to a person is his; a route that may be kept says so itself.
    if (request.headers.authorization) reply.header('cache-control', 'no-store')
    const traceparent = givenTrace(request)
    logContext.run(traceparent ? { request_id: request.id, traceparent } : { request_id: request.id }, done)
  })
  app.addHook('onResponse', (request, reply, done) => {
    const { statusCode, elapsedTime } = reply
    const route = request.routeOptions.url ?? 'none'
    metrics.httpDuration.observe({ method: request.method, route, status: statusCode }, elapsedTime / 1000)
    const isOurs = statusCode >= 500 && !loggedElsewhere.has(request)
    const level = isOurs ? 'error' : statusCode >= 400 && statusCode < 500 ? 'info' : 'debug'
    if (logger.isLevelEnabled(level)) {
      const url = pathOf(request)
      logger[level]({ method: request.method, url, status: statusCode, ms: Math.round(elapsedTime) }, 'answered')
    }
    done()
  })
}

/** The W3C trace that the caller is in; its events carry it on. */
function givenTrace(request: FastifyRequest): string | null {
  const given = request.headers['traceparent']
  return typeof given === 'string' && /^00-[0-9a-f]{32}-[0-9a-f]{16}-[0-9a-f]{2}$/.test(given) ? given : null
}
