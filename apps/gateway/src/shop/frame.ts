import type { CartShape } from '@mart/contracts/http/cart-shapes'
import type { CategoryView, ProductView } from '@mart/contracts/http/product-shapes'
import type { FastifyReply, FastifyRequest } from '@mart/service-kit/http-server'
import type { CategoryLink, Frame, Language } from '@mart/web/pages'
import { LRUCache } from 'lru-cache'
import type { Caller } from '../services-client.ts'
import { callerOf, type Session } from '../session.ts'
import type { Carts } from './carts.ts'
import type { ShopSetting } from './setting.ts'

/** How old the list of categories may be, in which little happens. */
const CATEGORIES_MS = 30_000

export interface Visit {
  readonly frame: Frame
  readonly caller: Caller
  readonly session: Session | null
  readonly cart: CartShape | null
}

type Category = Pick<CategoryView, 'id' | 'slug' | 'name' | 'parent_id'>

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
  // What is shown depends on the cookies, and on the stock of this moment.
  'cache-control': 'private, no-cache',
}

/** What stands around each page: language, currency, categories, who is signed in. */
export function framesOf({ services, sessions, carts, origin, currencies }: ShopSetting & { readonly carts: Carts }) {
  const shelves = new LRUCache<'all', readonly Category[], Caller>({
    max: 1,
    ttl: CATEGORIES_MS,
    allowStale: true,
    allowStaleOnFetchRejection: true,
    noDeleteOnFetchRejection: true,
    fetchMethod: async (_, __, { context }) =>
      (await services.ask<{ items: Category[] }>('product', '/categories', context)).items,
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
  const categoriesFor = async (caller: Caller) => (await shelves.fetch('all', { context: caller })) ?? []
  const links = async (caller: Caller): Promise<CategoryLink[]> => {
    const all = await categoriesFor(caller)
    const top = all.filter(({ parent_id }) => parent_id === null)
    const picture = async ({ slug }: Category) =>
      (await pictures.fetch(slug, { context: caller }).catch(() => undefined))?.url ?? null
    return await Promise.all(top.map(async (one) => ({ slug: one.slug, name: one.name, picture: await picture(one) })))
  }

  return {
    categoriesFor,

    async visit(request: FastifyRequest): Promise<Visit> {
      const session = await sessions.of(request)
      const caller = callerOf(request, session)
      const [cart, categories] = await Promise.all([carts.find(request, { caller, session }), links(caller)])
      const chosen = request.cookies['currency'] ?? ''
      const frame: Frame = {
        language: languageOf(request),
        currency: currencies.includes(chosen) ? chosen : currencies[0]!,
        currencies,
        origin,
        path: request.url,
        words: wordsIn(request),
        categories,
        cart: countOf(cart),
        person: session && { name: session.person.name },
      }
      return { frame, caller, session, cart }
    },

    /** A frame for when services do not answer. */
    bareFrame: (request: FastifyRequest): Frame => ({
      language: languageOf(request),
      currency: currencies[0]!,
      currencies: [],
      origin,
      path: request.url,
      words: '',
      categories: [],
      cart: { count: 0, sum: null },
      person: null,
    }),

    show: (reply: FastifyReply, html: string, status = 200, headers: Readonly<Record<string, string>> = {}) =>
      reply
        .code(status)
        .headers({ ...pageHeaders, ...headers })
        .send(html),
  }
}

const countOf = (cart: CartShape | null): Frame['cart'] => ({
  count: cart?.lines.reduce((sum, { quantity }) => sum + quantity, 0) ?? 0,
  sum: cart?.subtotal ?? null,
})

/** As chosen, else as the browser says. */
function languageOf({ cookies, headers }: FastifyRequest): Language {
  const { language } = cookies
  if (language === 'en' || language === 'ur') return language
  return /^ur\b/i.test(headers['accept-language'] ?? '') ? 'ur' : 'en'
}

function wordsIn({ query }: FastifyRequest): string {
  const { q } = query as { q?: unknown }
  return typeof q === 'string' ? q.slice(0, 200) : ''
}
