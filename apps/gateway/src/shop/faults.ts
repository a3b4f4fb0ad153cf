import { Refusal } from '@mart/service-kit/errors'
import type { App, FastifyReply, FastifyRequest } from '@mart/service-kit/http-server'
import { asRefusal, sendProblem } from '@mart/service-kit/problems'
import type { Frame, Missing } from '@mart/web/pages'
import { OTHER_ORIGIN, samePageAt } from '../same-origin.ts'
import { ServiceRefusal } from '../services-client.ts'
import { NO_COOKIES } from './cookies.ts'
import type { Shop } from './open-shop.ts'
import { signInFirst } from './sign-in-first.ts'

/** What goes wrong is a page for people, and a problem document (RFC 9457) for everybody else. */
export function addFaultPages(app: App, shop: Shop, pageOfForm: (request: FastifyRequest) => string | null): void {
  app.setNotFoundHandler((request, reply) => {
    const page = isForPeople(request) ? pageOfForm(request) : null
    if (page) return reply.redirect(page, 303)
    return answer(
      shop,
      request,
      reply,
      new Refusal(404, 'no_such_route', `There is no ${request.method} ${request.url}.`),
    )
  })
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
  // It has ended elsewhere: another password, for one.
  if (refusal.status === 401) shop.sessions.forget(request)
  if (refusal.status === 401 && request.method === 'POST') return await signInFirst(shop, request, reply)
  const frame = await frameFor(shop, request)
  if (refusal.details.headers) reply.headers(refusal.details.headers)
  const { status, code } = refusal
  const samePage = code === OTHER_ORIGIN ? samePageAt(shop.origin, request) : null
  const why = { missing: missingBy(refusal, request), samePage, isWithoutCookies: code === NO_COOKIES }
  const props = { status, requestId: request.id, ...why }
  return shop.show(reply, shop.pages.fault(frame, props), status)
}

async function frameFor(shop: Shop, request: FastifyRequest): Promise<Frame> {
  if (request.cookies) {
    const visit = await shop.visit(request).catch(() => null)
    return visit?.frame ?? shop.bareFrame(request)
  }
  // No route could be looked for, so it was not counted either: it costs no service anything.
  request.cookies = request.server.parseCookie(request.headers.cookie ?? '')
  return shop.bareFrame(request)
}

const byPath: readonly (readonly [start: string, missing: Missing])[] = [
  ['/orders/', 'order'],
  ['/account/addresses', 'address'],
  ['/p/', 'product'],
  ['/c/', 'category'],
]

/** What is not there. */
function missingBy({ code }: Refusal, { url }: FastifyRequest): Missing {
  if (code === 'wrong_link' || code === 'order_in_account') return code
  if (code === 'no_such_route') return 'page'
  return byPath.find(([start]) => url.startsWith(start))?.[1] ?? 'page'
}
