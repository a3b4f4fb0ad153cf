import { Refusal } from '@mart/service-kit/errors'
import type { App, FastifyRequest } from '@mart/service-kit/http-server'
import { nextPath } from './next-path.ts'

export const NO_COOKIES = 'no_cookies'

/** Where to go on after what only lasts by a cookie: whoever has sent none by way of a look whether his browser keeps any. */
export const withCookies = ({ headers: { cookie } }: FastifyRequest, path: string): string =>
  cookie ? path : `/cookies?next=${encodeURIComponent(path)}`

export function addCookiesPage(app: App): void {
  app.get<{ Querystring: { next?: string } }>('/cookies', (request, reply) => {
    if (!request.headers.cookie) throw new Refusal(400, NO_COOKIES, 'No cookie came back: nothing would be remembered.')
    return reply.redirect(nextPath(request.query.next), 303)
  })
}
