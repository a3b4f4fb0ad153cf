import swagger from '@fastify/swagger'
import swaggerUi from '@fastify/swagger-ui'
import { Problem } from '@mart/contracts/http/shared-shapes'
import type { FastifySchema, RouteOptions } from 'fastify'
import type { App } from './http-app.ts'
import { titles } from './problems.ts'

/** OpenAPI 3.1 of all routes at `/openapi.json`, and a page of it at `/docs`. */
export async function describeRoutes(
  app: App,
  { name, description }: { name: string; description: string },
): Promise<void> {
  app.addSchema({ $id: 'Problem', ...Problem })
  await app.register(swagger, {
    openapi: {
      openapi: '3.1.0',
      info: { title: `AI Mart: ${name}`, description, version: '1' },
      components: { securitySchemes },
    },
    refResolver: { buildLocalReference: (json) => String(json.$id) },
    transformObject: (document) => withOptionalBodies('openapiObject' in document ? document.openapiObject : {}),
    transform: ({ schema, url, route }) => ({ schema: describedRoute(app, route, schema ?? {}), url }),
  })
  await app.register(swaggerUi, { routePrefix: '/docs', staticCSP: true })
  app.get('/openapi.json', { schema: { hide: true } }, () => app.swagger())
}

const securitySchemes = {
  bearer: { type: 'http', scheme: 'bearer', bearerFormat: 'JWT' },
  guest: { type: 'apiKey', in: 'header', name: 'Authorization', description: 'Guest <guest_token>, of that order' },
} as const

interface Described {
  readonly paths?: Record<string, Record<string, { requestBody?: RequestBody }>>
}
interface RequestBody {
  required?: boolean
  readonly content?: Record<string, { schema?: { anyOf?: { type?: string }[] } }>
}

/** A body that may be null may be left out, which the library does not see. */
function withOptionalBodies<Document extends object>(document: Document): Document {
  const operations = Object.values((document as Described).paths ?? {}).flatMap((path) => Object.values(path))
  for (const { requestBody: body } of operations) {
    const forms = Object.values(body?.content ?? {}).flatMap(({ schema }) => schema?.anyOf ?? [])
    if (body && forms.some(({ type }) => type === 'null')) body.required = false
  }
  return document
}

/** A route with who may ask and every status that its guard, parameters and body can give, beside its own. */
function describedRoute(app: App, route: RouteOptions, schema: FastifySchema): FastifySchema {
  const guards = [route.onRequest].flat()
  const isForStaff = guards.includes(app.staffOnly) || guards.includes(app.adminOnly)
  const isForGuests = guards.includes(app.signedInOrGuest)
  const isForPeople = isForStaff || isForGuests || guards.includes(app.signedIn)
  const isForAnybody = !isForPeople && guards.includes(app.maybeSignedIn)
  const doesOnce = route.config?.doesOnce ?? (isForPeople && route.method === 'POST')
  const own = (schema.response ?? {}) as Record<string, object>
  const statuses = new Set([
    ...[400, 429, 431, 500, 503],
    ...(isForPeople || isForAnybody ? [401] : []),
    ...(isForStaff ? [403] : []),
    ...(schema.params ? [404] : []),
    ...(schema.body ? [413, 415, 422] : []),
    ...(doesOnce ? [409, 422] : []),
    ...Object.keys(own)
      .map(Number)
      .filter((status) => own[status] === Problem),
  ])
  return {
    ...schema,
    ...(isForPeople ? { security: [{ bearer: [] }, ...(isForGuests ? [{ guest: [] }] : [])] } : {}),
    ...(isForAnybody ? { security: [{}, { bearer: [] }] } : {}),
    ...(doesOnce ? { headers: schema.headers ?? idempotencyHeader } : {}),
    response: {
      ...own,
      ...Object.fromEntries([...statuses].map((status) => [status, problemOf(status, own[status])])),
    },
  }
}

const idempotencyHeader = {
  type: 'object',
  properties: {
    'idempotency-key': {
      type: 'string',
      minLength: 1,
      maxLength: 255,
      description: 'the same request again with the same key is done once',
    },
  },
}

/** A route may have a form of its own for a status, beside ours. */
const problemOf = (status: number, own: object = Problem) => ({
  description: titles[status] ?? 'Problem',
  content: {
    'application/problem+json': { schema: { $ref: 'Problem#' } },
    ...(own === Problem ? {} : { 'application/json': { schema: own } }),
  },
})
