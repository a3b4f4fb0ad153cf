import type { App } from '@mart/service-kit/http-server'
import { fieldsOf } from './forms.ts'
import { nextPath } from './next-path.ts'
import type { Shop } from './open-shop.ts'

const YEAR_S = 365 * 24 * 60 * 60

/** What a person chooses to see prices in, kept in a cookie. */
export function addPreferences(app: App, { services, carts, visit, currencies, origin }: Shop): void {
  const cookie = {
    path: '/',
    sameSite: 'lax',
    secure: origin.startsWith('https:'),
    httpOnly: true,
    maxAge: YEAR_S,
  } as const
  app.post('/preferences', async (request, reply) => {
    const { currency = '', language = '', next } = fieldsOf(request)
    if (language === 'en' || language === 'ur') {
      reply.setCookie('language', language, cookie)
      const { session, caller } = await visit(request)
      // Mails follow.
      if (session) await services.ask('user', '/users/me', caller, { method: 'PATCH', body: { language } })
    }
    if (currencies.includes(currency)) {
      reply.setCookie('currency', currency, cookie)
      const whose = await visit(request)
      const path = whose.cart && carts.pathFor(request, whose)
      if (path) await services.ask('order', path, whose.caller, { method: 'PATCH', body: { currency } })
    }
    return reply.redirect(nextPath(next), 303)
  })
}
