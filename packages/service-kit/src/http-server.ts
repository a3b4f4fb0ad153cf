import { randomUUID } from 'node:crypto'
import type { TypeBoxTypeProvider } from '@fastify/type-provider-typebox'
import Fastify, {
  type FastifyBaseLogger,
  type FastifyError,
  type FastifyReply,
  type FastifyRequest,
  LogController,
} from 'fastify'
import { parseBodies } from './bodies.ts'
import { answerBroken } from './broken-requests.ts'
import type { App } from './http-app.ts'
import { limitRates } from './limits.ts'
import { type LogContext, type Logger, type LogIds, logContext } from './logger.ts'
import type { Metrics } from './metrics.ts'
import { describeRoutes } from './open-api.ts'
import { guardRoutes } from './people.ts'
import { answerProblems, asRefusal, loggedElsewhere, pathOf, sendProblem } from './problems.ts'
import type { RequestCounts } from './request-counts.ts'
import { refuseUnknownRoutes } from './routes-asked.ts'
import { checkStrictly } from './schema-checks.ts'
import type { RevokedTokens } from './token-revocation.ts'
import { contextOf, failSpan, idsOnly, SpanKind, type SpanStarter, type StartedSpan, startSpan } from './tracing.ts'

declare module 'fastify' {
  interface FastifyContextConfig {
    /** Who knows the path is let in by it: the log has the route instead. */
    hasSecretPath?: boolean
    /** It takes an Idempotency-Key though it is open to anybody, which no guard tells. */
    doesOnce?: boolean
    /** How often a minute an address may ask for it, where that is less than for everything together. */
    perAddressAndMinute?: number
  }
}

export type { FastifyReply, FastifyRequest } from 'fastify'
export type { App } from './http-app.ts'

export interface HttpOptions extends BareHttpOptions {
  readonly name: string
  readonly description: string
  readonly jwksUrl: string
  /** Which tokens that were good when they were issued are refused since. */
  readonly revokedTokens?: Pick<RevokedTokens, 'isRevoked' | 'whenRevoked'>
}

export interface BareHttpOptions {
  readonly logger: Logger
  readonly metrics: Metrics
  /** Begins a span for each request that may change something. */
  readonly tracer?: SpanStarter
  /** Requests a minute of one caller; null for any number. */
  readonly rateLimitPerMinute: number | null
  /** At all replicas; those of this process when not given. */
  readonly requestCounts?: RequestCounts
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
  const app = await createBareApp(options)
  parseBodies(app)
  checkStrictly(app)
  refuseUnknownRoutes(app, routerOptions)
  guardRoutes(app, options)
  await describeRoutes(app, options)
  return app
}

/** What every door of the mart has: bounds, problems, spans, metrics, rates. */
export async function createBareApp(options: BareHttpOptions): Promise<App> {
  const app: App = Fastify({
    loggerInstance: options.logger as FastifyBaseLogger,
    // The request's id comes from logContext; a plugin that says too much may be given a level of its own.
    childLoggerFactory: (logger, _bindings, { level }) => (level ? logger.child({}, { level }) : logger),
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
    // Of what no route can be looked for: it comes by no hook, and nobody waits for what comes of it.
    frameworkErrors: (error, request, reply) => {
      void answerUnrouted(app, error, request as FastifyRequest, reply as FastifyReply)
    },
  }).withTypeProvider<TypeBoxTypeProvider>()
  app.server.maxConnections = options.maxConnections ?? 2_000
  answerProblems(app)
  followRequests(app, options)
  if (options.rateLimitPerMinute !== null) await limitRates(app, options.rateLimitPerMinute, options.requestCounts)
  closeWhatFallsIdle(app)
  return app
}

async function answerUnrouted(app: App, error: FastifyError, request: FastifyRequest, reply: FastifyReply) {
  reply.header('x-request-id', request.id).header('x-content-type-options', 'nosniff')
  try {
    await app.errorHandler(error, request, reply)
  } catch {
    sendProblem(request, reply, asRefusal(error, request))
  }
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

const isAboutAnother = new Set(['HEAD', 'OPTIONS'])
const reading = new Set(['GET', ...isAboutAnother])

function followRequests(app: App, { logger, metrics, tracer = idsOnly }: BareHttpOptions): void {
  const followed = new WeakMap<FastifyRequest, { readonly span: StartedSpan; readonly context: LogContext }>()
  app.addHook('onRoute', ({ method, url: route }) => {
    for (const one of [method].flat()) if (!isAboutAnother.has(one)) metrics.httpFailures.inc({ method: one, route }, 0)
  })
  app.addHook('onRequest', (request, reply, done) => {
    reply.header('x-request-id', request.id).header('x-content-type-options', 'nosniff')
    // What is answered to a person is his; a route that may be kept says so itself.
    if (request.headers.authorization) reply.header('cache-control', 'no-store')
    const { traceparent } = request.headers
    const span = startSpan(reading.has(request.method) ? idsOnly : tracer, {
      name: `${request.method} ${routeOf(request)}`,
      kind: SpanKind.SERVER,
      parent: typeof traceparent === 'string' ? traceparent : undefined,
    })
    const context = contextOf(span, { request_id: request.id })
    followed.set(request, { span, context })
    logContext.run(context, done)
  })
  app.addHook('onResponse', (request, reply, done) => {
    const { statusCode, elapsedTime } = reply
    const { method } = request
    const route = routeOf(request)
    metrics.httpDuration.observe({ method, route, status: statusCode }, elapsedTime / 1000)
    if (statusCode >= 500) metrics.httpFailures.inc({ method, route })
    const { span, context = {} } = followed.get(request) ?? {}
    if (span) endSpan(span, { method, route, statusCode, ids: context })
    const isOurs = statusCode >= 500 && !loggedElsewhere.has(request)
    const isWorthALine = statusCode < 500 && (statusCode >= 400 || !reading.has(method))
    const level = isOurs ? 'error' : isWorthALine ? 'info' : 'debug'
    if (logger.isLevelEnabled(level)) {
      const url = request.routeOptions.config?.hasSecretPath ? route : pathOf(request)
      const answered = { method, url, status: statusCode, ms: Math.round(elapsedTime) }
      // The response may have ended in the course of another request of the same connection.
      logContext.run(context, () => logger[level](answered, `${method} ${route} ${statusCode}`))
    }
    done()
  })
}

const routeOf = (request: FastifyRequest) => request.routeOptions.url ?? 'none'

interface Answered {
  readonly method: string
  readonly route: string
  readonly statusCode: number
  readonly ids: LogIds
}

function endSpan(started: StartedSpan, { method, route, statusCode, ids }: Answered): void {
  const { span } = started
  if (span.isRecording()) {
    span.setAttributes({ 'http.request.method': method, 'http.route': route, 'http.response.status_code': statusCode })
    if (ids.order_id) span.setAttribute('order.id', ids.order_id)
    if (ids.order_number) span.setAttribute('order.number', ids.order_number)
    if (statusCode >= 500) failSpan(started, statusCode)
  }
  span.end()
}
