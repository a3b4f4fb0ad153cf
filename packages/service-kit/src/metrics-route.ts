import { createHash, timingSafeEqual } from 'node:crypto'
import { unauthorized } from './auth.ts'
import { Refusal } from './errors.ts'
import type { App, FastifyRequest } from './http-server.ts'
import type { Metrics } from './metrics.ts'

/**
 * `/metrics`, which tells how a shop goes: to callers on this machine, and to whoever shows `token`; with no token, to
 * nobody else.
 */
export function addMetricsRoute(app: App, { registry }: Metrics, token: string | undefined): void {
  const guard = async (request: FastifyRequest) => {
    if (isLocal(request)) return
    if (token === undefined)
      throw new Refusal(403, 'metrics_closed', 'Metrics are told on this machine only: set METRICS_TOKEN for others.')
    if (!isSame(request.headers.authorization ?? '', `Bearer ${token}`))
      throw unauthorized('This needs the METRICS_TOKEN: Authorization: Bearer <token>.')
  }
  app.get('/metrics', { onRequest: guard, config: { rateLimit: false }, schema: { hide: true } }, async (_, reply) =>
    reply.type(registry.contentType).send(await registry.metrics()),
  )
}

/** Whoever is passed on by a proxy on this machine comes from elsewhere. */
const isLocal = ({ socket, headers }: FastifyRequest) =>
  /^(::ffff:)?127\.|^::1$/.test(socket.remoteAddress ?? '') &&
  headers['x-forwarded-for'] === undefined &&
  headers.forwarded === undefined

const digest = (text: string) => createHash('sha256').update(text).digest()
const isSame = (given: string, wanted: string) => timingSafeEqual(digest(given), digest(wanted))
