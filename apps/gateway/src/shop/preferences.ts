import type { ProfileShape } from '@mart/contracts/http/user-shapes'
import type { App, FastifyReply, FastifyRequest } from '@mart/service-kit/http-server'
import type { Caller } from '../services-client.ts'
import { callerOf } from '../session.ts'
import { withCookies } from './cookies.ts'
import { fieldsOf } from './forms.ts'
import { chosenLanguage } from './frame.ts'
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

/**
 * At a sign-in: who has chosen a language in this browser reads his account's mails in it, too; where nobody has chosen, the
 * shop is shown in the account's.
 */
export async function settleLanguage(shop: Shop, request: FastifyRequest, reply: FastifyReply, caller: Caller) {
  const chosen = chosenLanguage(request)
  const { language } = await shop.services.ask<ProfileShape>('user', '/users/me', caller)
  if (!chosen) keepChoice(shop, reply, 'language', language)
  else if (chosen !== language)
    await shop.services.ask('user', '/users/me', caller, { method: 'PATCH', body: { language: chosen } })
}

/** The language and the currency of the shop, as they are chosen in its header. */
export function addPreferences(app: App, shop: Shop): void {
  app.post('/preferences', async (request, reply) => {
    const fields = fieldsOf(request)
    await choose(shop, request, reply, fields)
    return reply.redirect(withCookies(request, nextPath(fields['next'])), 303)
  })

  // At the checkout they are buttons of its form: what was typed is there again.
  app.post<{ Querystring: Choice }>('/checkout/preferences', async (request, reply) => {
    const fields = fieldsOf(request)
    shop.typed.keep(reply, { customer: fields['customer'] ?? null, fields })
    await choose(shop, request, reply, request.query)
    return reply.redirect('/checkout', 303)
  })
}

interface Choice {
  readonly currency?: unknown
  readonly language?: unknown
}

async function choose(shop: Shop, request: FastifyRequest, reply: FastifyReply, { currency, language }: Choice) {
  const { services, sessions, carts, visit, currencies } = shop
  if (language === 'en' || language === 'ur') {
    keepChoice(shop, reply, 'language', language)
    const session = await sessions.of(request)
    const caller = callerOf(request, session)
    // Mails follow.
    if (session) await services.ask('user', '/users/me', caller, { method: 'PATCH', body: { language } })
  }
  if (typeof currency === 'string' && currencies.includes(currency)) {
    keepChoice(shop, reply, 'currency', currency)
    const whose = await visit(request)
    const path = whose.cart && carts.pathFor(request, whose)
    if (path) await services.ask('order', path, whose.caller, { method: 'PATCH', body: { currency } })
  }
}
