import httpProxy from '@fastify/http-proxy'
import { type ServiceName, serviceNames } from '@mart/contracts/services'
import type { App, FastifyRequest } from '@mart/service-kit/http-server'
import { currentTraceparent } from '@mart/service-kit/tracing'
import type { GuestOrders } from './guest-orders.ts'
import type { Session, Sessions } from './session.ts'

const paths: Readonly<Record<ServiceName, readonly string[]>> = {
  user: ['auth', 'users'],
  product: ['products', 'categories'],
  order: ['orders', 'carts', 'returns', 'order-terms'],
  inventory: ['stock', 'reservations'],
  payment: ['payments', 'payment-methods', 'refund-tasks', 'webhooks'],
  notification: ['notifications', 'preferences', 'messages', 'stock-alerts'],
}

declare module 'fastify' {
  interface FastifyRequest {
    session: Session | null
  }
}

/** Of one way, a page with events has a connection to itself: as many as the order service lets stand open. */
const MOST_CONNECTIONS = 2_000

/** Of a request, those that say who or where somebody is: only this gateway says so. */
const ofIdentity = /^(cookie|forwarded|x-forwarded-.*|x-real-ip|x-client-.*|x-user-.*)$/

/** Forwards `/api/*` to the services, with the token of whoever is signed in by cookie. */
export async function forwardApi(
  app: App,
  {
    urls,
    sessions,
    guests,
  }: {
    readonly urls: Readonly<Record<ServiceName, string>>
    readonly sessions: Sessions
    readonly guests: GuestOrders
  },
): Promise<void> {
  app.decorateRequest('session', null)
  const forward = (service: ServiceName, prefix: string, rewritePrefix: string) =>
    app.register(httpProxy, {
      logLevel: 'warn', // it tells each request's path twice
      upstream: urls[service],
      undici: { connections: MOST_CONNECTIONS },
      prefix,
      rewritePrefix,
      // An anonymous cart's id lets whoever knows it in.
      config: { hasSecretPath: prefix === '/api/carts' },
      async preHandler(request) {
        if (!request.headers.authorization)
          (request as FastifyRequest).session = await sessions.of(request as FastifyRequest)
      },
      replyOptions: {
        rewriteRequestHeaders: (request, headers) => ({
          ...Object.fromEntries(Object.entries(headers).filter(([name]) => !ofIdentity.test(name))),
          ...ofUs(request as unknown as FastifyRequest),
        }),
      },
    })
  for (const service of serviceNames) {
    for (const path of paths[service]) await forward(service, `/api/${path}`, `/${path}`)
    await forward(service, `/api/${service}/parked`, '/parked')
  }
  await forward('product', '/images', '/images')
  // Beside its page, where a guest's cookie for it is sent too.
  await forward('order', '/orders/:id/events', '/orders/:id/events')

  function ofUs(request: FastifyRequest): Record<string, string> {
    const { ip, id, session } = request
    const traceparent = currentTraceparent()
    const guest = guests.secretOf(request)
    return {
      'x-forwarded-for': ip,
      'x-request-id': id,
      ...(traceparent && { traceparent }),
      ...(session && { authorization: `Bearer ${session.token}` }),
      // Who is signed in may still hold the link of an order that is no account's.
      ...(guest && { authorization: `Guest ${guest}` }),
    }
  }
}
