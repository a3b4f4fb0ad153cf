import type { CartShape } from '@mart/contracts/http/cart-shapes'
import type { CategoryView, ProductView } from '@mart/contracts/http/product-shapes'
import type { FastifyReply, FastifyRequest } from '@mart/service-kit/http-server'
import type { CategoryLink, Frame, Language } from '@mart/web/pages'
import { LRUCache } from 'lru-cache'
import type { Caller } from '../services-client.ts'
import { callerOf, type Session } from '../session.ts'
import type { Carts } from './carts.ts'
import { type Category, inLanguage } from './categories.ts'
import { pageOf } from './form-pages.ts'
import type { ShopSetting } from './setting.ts'

/** How old the list of categories may be, in which little happens. */
const CATEGORIES_MS = 30_000

export interface Visit {
  readonly frame: Frame
  readonly caller: Caller
  readonly session: Session | null
  readonly cart: CartShape | null
}

const policy = [
  "default-src 'self'",
  // A merchant's own pictures may lie elsewhere.
  "img-src 'self' https:",
  "frame-ancestors 'none'",
  "base-uri 'none'",
  "form-action 'self'",
  "object-src 'none'",
].join('; ')

const pageHeaders = {
  'content-type': 'text/html; charset=utf-8',
  'content-security-policy': policy,
  'referrer-policy': 'strict-origin-when-cross-origin',
  'x-frame-options': 'DENY',
  'permissions-policy': 'camera=(), geolocation=(), microphone=()',
  'cross-origin-opener-policy': 'same-origin',
}

/** What stands around each page: language, currency, categories, who is signed in. */
export function framesOf({ services, sessions, carts, origin, currencies }: ShopSetting & { readonly carts: Carts }) {
  const shelves = new LRUCache<'all', readonly CategoryView[], Caller>({
    max: 1,
    ttl: CATEGORIES_MS,
    allowStale: true,
    allowStaleOnFetchRejection: true,
    noDeleteOnFetchRejection: true,
    fetchMethod: async (_, __, { context }) =>
      (await services.ask<{ items: CategoryView[] }>('product', '/categories', context)).items,
  })
  const pictures = new LRUCache<string, { readonly url: string | null }, Caller>({
    max: 200,
    ttl: 10 * CATEGORIES_MS,
    allowStale: true,
    allowStaleOnFetchRejection: true,
    noDeleteOnFetchRejection: true,
    async fetchMethod(slug, _, { context }) {
      const path = `/products?category=${encodeURIComponent(slug)}&limit=1`
      const { items } = await services.ask<{ items: ProductView[] }>('product', path, context)
      return { url: items[0]?.image_urls[0] ?? null }
    },
  })
  const categoriesFor = async (caller: Caller, language: Language) =>
    ((await shelves.fetch('all', { context: caller })) ?? []).map((category) => inLanguage(category, language))
  const links = async (caller: Caller, language: Language): Promise<CategoryLink[]> => {
    const all = await categoriesFor(caller, language)
    const top = all.filter(({ parent_id }) => parent_id === null)
    const picture = async ({ slug }: Pick<Category, 'slug'>) =>
      (await pictures.fetch(slug, { context: caller }).catch(() => undefined))?.url ?? null
    return await Promise.all(
      top.map(async ({ id: _id, parent_id: _parent, ...one }) => ({ ...one, picture: await picture(one) })),
    )
  }

  return {
    categoriesFor,

    async visit(request: FastifyRequest): Promise<Visit> {
      const session = await sessions.of(request)
      const caller = callerOf(request, session)
      const language = languageOf(request)
      const [cart, categories] = await Promise.all([
        carts.find(request, { caller, session, frame: { language } }),
        links(caller, language),
      ])
      const chosen = request.cookies['currency'] ?? ''
      const frame: Frame = {
        language,
        currency: currencies.includes(chosen) ? chosen : currencies[0]!,
        currencies,
        origin,
        path: pageOf(request),
        isAnswer: isAnswer(request),
        words: wordsIn(request),
        categories,
        cart: countOf(cart),
        person: session && { id: session.person.id, name: session.person.name },
      }
      return { frame, caller, session, cart }
    },

    /** A frame for when services do not answer. */
    bareFrame: (request: FastifyRequest): Frame => ({
      language: languageOf(request),
      currency: currencies[0]!,
      currencies: [],
      origin,
      path: pageOf(request),
      isAnswer: isAnswer(request),
      words: '',
      categories: [],
      cart: { count: 0, sum: null },
      person: null,
    }),

    show(reply: FastifyReply, html: string, status = 200, headers: Readonly<Record<string, string>> = {}) {
      carts.prepare(reply)
      // To go back to an answer that it has not kept, a browser would send the form again, and asks whether to.
      if (isAnswer(reply.request)) reply.header('cache-control', 'private, no-cache')
      return reply
        .code(status)
        .headers({ ...pageHeaders, ...headers })
        .send(html)
    },
  }
}

const isAnswer = ({ method }: FastifyRequest): boolean => method === 'POST'

const countOf = (cart: CartShape | null): Frame['cart'] => ({
  count: cart?.lines.reduce((sum, { quantity }) => sum + quantity, 0) ?? 0,
  sum: cart?.subtotal ?? null,
})

/** What somebody has chosen in this browser. */
export function chosenLanguage({ cookies: { language } }: FastifyRequest): Language | null {
  return language === 'en' || language === 'ur' ? language : null
}

/** As chosen, else as the browser says. */
export const languageOf = (request: FastifyRequest): Language =>
  chosenLanguage(request) ?? (/^ur\b/i.test(request.headers['accept-language'] ?? '') ? 'ur' : 'en')

function wordsIn({ query }: FastifyRequest): string {
  const { q } = query as { q?: unknown }
  return typeof q === 'string' ? q.slice(0, 200) : ''
}
