import { randomUUID } from 'node:crypto'
import rateLimit from '@fastify/rate-limit'
import swagger from '@fastify/swagger'
import swaggerUi from '@fastify/swagger-ui'
import type { TypeBoxTypeProvider } from '@fastify/type-provider-typebox'
import { Ajv } from 'ajv'
import addFormats from 'ajv-formats'
import Fastify, {
  type FastifyBaseLogger,
  type FastifyInstance,
  type FastifyRequest,
  LogController,
  type RawReplyDefaultExpression,
  type RawRequestDefaultExpression,
  type RawServerDefault,
} from 'fastify'
import type { Person } from './auth.ts'
import { type FieldError, invalidInput, Refusal } from './errors.ts'
import { type Logger, logContext } from './logger.ts'
import type { Metrics } from './metrics.ts'
import { guardRoutes } from './people.ts'
import { answerProblems } from './problems.ts'
import { textForms } from './text-forms.ts'

export type { FastifyReply, FastifyRequest } from 'fastify'

export type App = FastifyInstance<
  RawServerDefault,
  RawRequestDefaultExpression,
  RawReplyDefaultExpression,
  FastifyBaseLogger,
  TypeBoxTypeProvider
>

export interface HttpOptions {
  readonly name: string
  readonly description: string
  readonly logger: Logger
  readonly metrics: Metrics
  readonly jwksUrl: string
  /** Whether a token that was good when it was issued is refused since. */
  readonly hasEnded?: (person: Person) => boolean
  /** Requests a minute of one caller; null for none. */
  readonly rateLimitPerMinute: number | null
}

/** A Fastify app with everything that each service's door has: strict schemas, problems, guards, OpenAPI, metrics. */
export async function createApp(options: HttpOptions): Promise<App> {
  const app: App = Fastify({
    loggerInstance: options.logger as FastifyBaseLogger,
    childLoggerFactory: (logger) => logger, // the request's id comes from logContext
    logController: new LogController({ disableRequestLogging: true }),
    bodyLimit: 1024 * 1024,
    genReqId: requestId,
    requestTimeout: 30_000,
    forceCloseConnections: 'idle',
    routerOptions: { maxParamLength: 300 },
  }).withTypeProvider<TypeBoxTypeProvider>()
  app.removeContentTypeParser('text/plain')
  refuseUnstorable(app)
  checkStrictly(app)
  answerProblems(app)
  followRequests(app, options)
  guardRoutes(app, options)
  await describe(app, options)
  if (options.rateLimitPerMinute !== null) await limitRates(app, options.rateLimitPerMinute)
  return app
}

function requestId(request: { headers: Record<string, string | string[] | undefined> }): string {
  const given = request.headers['x-request-id']
  return typeof given === 'string' && /^[\w.:-]{8,100}$/.test(given) ? given : randomUUID()
}

const halfPair = /(?<!\\)(?:\\\\)*\\ud[89ab][\da-f]{2}(?!\\ud[c-f])|(?<!\\|\\ud[89ab]..)(?:\\\\)*\\ud[c-f][\da-f]{2}/i

/**
 * PostgreSQL's text takes no NUL, its jsonb no half of a surrogate pair: bad input, refused field by field before a
 * handler sees it. Only a body that may hold one is looked through.
 */
function refuseUnstorable(app: App): void {
  const parse = app.getDefaultJsonParser('error', 'error')
  const suspects = new WeakSet<FastifyRequest>()
  app.addContentTypeParser('application/json', { parseAs: 'string' }, (request, body, done) => {
    if (body.includes('\\u0000') || halfPair.test(body as string)) suspects.add(request)
    parse(request, body as string, done)
  })
  app.addHook('preHandler', async (request) => {
    if (suspects.has(request)) throw invalidInput(unstorableTexts(request.body, ''))
  })
}

function unstorableTexts(value: unknown, field: string): FieldError[] {
  if (typeof value === 'string') {
    if (!value.includes('\0') && value.isWellFormed()) return []
    return [{ field, code: 'unstorable', message: 'has a NUL character or half of a surrogate pair' }]
  }
  if (typeof value !== 'object' || value === null) return []
  const at = (name: string) => (Array.isArray(value) ? `${field}[${name}]` : field ? `${field}.${name}` : name)
  return Object.entries(value).flatMap(([name, part]) => unstorableTexts(part, at(name)))
}

/** Bodies as they are: no dropped fields, no "5" taken for 5. Queries and parameters are text, so there it is converted. */
function checkStrictly(app: App): void {
  const compiler = (coerceTypes: 'array' | false) =>
    addFormats
      .default(new Ajv({ allErrors: true, removeAdditional: false, useDefaults: true, coerceTypes, strict: false }))
      .addKeyword(textForms)
  const bodies = compiler(false)
  const texts = compiler('array')
  app.setValidatorCompiler(
    ({ schema, httpPart }) => (httpPart === 'body' ? bodies : texts).compile(schema as object) as never,
  )
}

function followRequests(app: App, { logger, metrics }: HttpOptions): void {
  app.addHook('onRequest', (request, reply, done) => {
    reply.header('x-request-id', request.id).header('x-content-type-options', 'nosniff')
    const traceparent = givenTrace(request)
    logContext.run(traceparent ? { request_id: request.id, traceparent } : { request_id: request.id }, done)
  })
  app.addHook('onResponse', (request, reply, done) => {
    const { statusCode, elapsedTime } = reply
    const route = request.routeOptions.url ?? 'none'
    metrics.httpDuration.observe({ method: request.method, route, status: statusCode }, elapsedTime / 1000)
    const level = statusCode >= 500 ? 'error' : statusCode >= 400 ? 'info' : 'debug'
    if (logger.isLevelEnabled(level)) {
      const url = request.url.split('?')[0]
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

async function describe(app: App, { name, description }: HttpOptions): Promise<void> {
  await app.register(swagger, {
    openapi: {
      openapi: '3.1.0',
      info: { title: `AI Mart: ${name}`, description, version: '1' },
      components: { securitySchemes: { bearer: { type: 'http', scheme: 'bearer', bearerFormat: 'JWT' } } },
    },
  })
  await app.register(swaggerUi, { routePrefix: '/docs', staticCSP: true })
  app.get('/openapi.json', { schema: { hide: true } }, () => app.swagger())
}

async function limitRates(app: App, perMinute: number): Promise<void> {
  await app.register(rateLimit, {
    max: perMinute,
    timeWindow: '1 minute',
    enableDraftSpec: true,
    // After the guards: a made-up token must not make a new caller.
    hook: 'preHandler',
    keyGenerator: (request) => request.person?.id ?? request.ip,
    allowList: (request) => /^\/(health|metrics)/.test(request.url),
    errorResponseBuilder: (_, { ttl }) =>
      new Refusal(429, 'too_many_requests', `Too many requests: try again in ${Math.ceil(ttl / 1000)} s.`),
  })
}
