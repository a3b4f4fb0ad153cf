import { Refusal } from '@mart/service-kit/errors'
import type { App, FastifyReply, FastifyRequest } from '@mart/service-kit/http-server'
import { asRefusal, sendProblem } from '@mart/service-kit/problems'
import { OTHER_ORIGIN, samePageAt } from '../same-origin.ts'
import { ServiceRefusal } from '../services-client.ts'
import type { Shop } from './open-shop.ts'

/** What goes wrong is a page for people, and a problem document (RFC 9457) for everybody else. */
export function addFaultPages(app: App, shop: Shop): void {
  app.setNotFoundHandler((request, reply) =>
    answer(shop, request, reply, new Refusal(404, 'no_such_route', `There is no ${request.method} ${request.url}.`)),
  )
  app.setErrorHandler((error, request, reply) => {
    const refusal = refusalOf(error, request)
    if (refusal.status >= 500) request.log.error({ err: refusal.cause ?? error }, refusal.message)
    return answer(shop, request, reply, refusal)
  })
}

function refusalOf(error: unknown, request: FastifyRequest): Refusal {
  if (!(error instanceof ServiceRefusal)) return asRefusal(error as Parameters<typeof asRefusal>[0], request)
  return new Refusal(error.status, error.problem.code ?? 'refused', error.message)
}

const isForPeople = ({ url, headers }: FastifyRequest) =>
  !url.startsWith('/api/') && /text\/html|^\*\/\*$/.test(headers.accept ?? '*/*')

async function answer(shop: Shop, request: FastifyRequest, reply: FastifyReply, refusal: Refusal) {
  if (!isForPeople(request)) return sendProblem(request, reply, refusal)
  const frame = await shop
    .visit(request)
    .then(({ frame }) => frame)
    .catch(() => shop.bareFrame(request))
  if (refusal.details.headers) reply.headers(refusal.details.headers)
  // It has ended elsewhere: another password, for one.
  if (refusal.status === 401) shop.sessions.forget(request)
  const { status, code } = refusal
  const samePage = code === OTHER_ORIGIN ? samePageAt(shop.origin, request) : null
  return shop.show(reply, shop.pages.fault(frame, { status, requestId: request.id, samePage }), status)
}
