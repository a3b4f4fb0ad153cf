import type { App, FastifyReply } from '@mart/service-kit/http-server'
import { callerOf } from '../session.ts'
import { fieldsOf } from './forms.ts'
import { nextPath } from './next-path.ts'
import type { Shop } from './open-shop.ts'

const YEAR_S = 365 * 24 * 60 * 60

/** Keeps what a person chooses to see the shop in. */
export const keepChoice = (
  { origin }: Pick<Shop, 'origin'>,
  reply: FastifyReply,
  name: 'currency' | 'language',
  value: string,
) =>
  reply.setCookie(name, value, {
    path: '/',
    sameSite: 'lax',
    secure: origin.startsWith('https:'),
    httpOnly: true,
    maxAge: YEAR_S,
  })

/** The language and the currency of the shop, as they are chosen in its header. */
export function addPreferences(app: App, shop: Shop): void {
  const { services, sessions, carts, visit, currencies } = shop
  app.post('/preferences', async (request, reply) => {
    const { currency = '', language = '', next } = fieldsOf(request)
    if (language === 'en' || language === 'ur') {
      keepChoice(shop, reply, 'language', language)
      const session = await sessions.of(request)
      const caller = callerOf(request, session)
      // Mails follow.
      if (session) await services.ask('user', '/users/me', caller, { method: 'PATCH', body: { language } })
    }
    if (currencies.includes(currency)) {
      keepChoice(shop, reply, 'currency', currency)
      const whose = await visit(request)
      const path = whose.cart && carts.pathFor(request, whose)
      if (path) await services.ask('order', path, whose.caller, { method: 'PATCH', body: { currency } })
    }
    return reply.redirect(nextPath(next), 303)
  })
}
