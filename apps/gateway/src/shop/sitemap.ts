import { Readable } from 'node:stream'
import { MOST_SLUGS, type SlugsPage } from '@mart/contracts/http/product-shapes'
import type { App, FastifyReply } from '@mart/service-kit/http-server'
import { LRUCache } from 'lru-cache'
import type { Caller } from '../services-client.ts'
import { callerOf } from '../session.ts'
import type { Shop } from './open-shop.ts'

/** Of one map, by the protocol (https://www.sitemaps.org/protocol.html). */
const PER_MAP = 50_000
const KEPT_S = 3_600
const pagesPerMap = PER_MAP / MOST_SLUGS

const head = '<?xml version="1.0" encoding="UTF-8"?>\n'
const space = 'xmlns="http://www.sitemaps.org/schemas/sitemap/0.9"'

/** The map of the site: an index, the shelves, and as many maps of products as there have to be. */
export function addSitemap(app: App, { services, origin, categoriesFor }: Shop): void {
  const absolute = (path: string) => new URL(path, origin).href.replaceAll('&', '&amp;')
  const entry = (path: string, changed?: string) =>
    `<url><loc>${absolute(path)}</loc>${changed ? `<lastmod>${changed.slice(0, 10)}</lastmod>` : ''}</url>\n`
  const urlSet = async function* (entries: AsyncIterable<string> | Iterable<string>) {
    yield `${head}<urlset ${space}>\n`
    yield* entries
    yield '</urlset>\n'
  }
  const send = (reply: FastifyReply, parts: AsyncIterable<string>) =>
    reply
      .type('application/xml; charset=utf-8')
      .header('cache-control', `public, max-age=${KEPT_S}`)
      .send(Readable.from(parts))

  /** So many pages of products at most, one of them at a time. */
  async function* pagesAfter(start: string, caller: Caller, most = Number.POSITIVE_INFINITY) {
    let after = start
    for (let page = 0; page < most; page += 1) {
      const query = new URLSearchParams(after && { after_slug: after })
      const { items } = await services.ask<SlugsPage>('product', `/products/slugs.json?${query}`, caller)
      yield items
      if (items.length < MOST_SLUGS) return
      after = items.at(-1)!.slug
    }
  }

  /** The slugs behind which a map begins. To know them is to walk over all products: once in an hour, by whoever asks first. */
  const starts = new LRUCache<'all', readonly string[], Caller>({
    max: 1,
    ttl: KEPT_S * 1_000,
    async fetchMethod(_, __, { context }) {
      const found: string[] = []
      let pages = 0
      let last = ''
      for await (const items of pagesAfter('', context)) {
        // The page behind a full map may be empty: then no map begins there.
        if (pages % pagesPerMap === 0 && (items.length > 0 || pages === 0)) found.push(last)
        pages += 1
        last = items.at(-1)?.slug ?? ''
      }
      return found
    },
  })

  app.get('/robots.txt', (_, reply) =>
    reply
      .type('text/plain; charset=utf-8')
      .send(
        `User-agent: *\nDisallow: /cart\nDisallow: /checkout\nDisallow: /account\nDisallow: /orders\nDisallow: /api/\n\nSitemap: ${absolute('/sitemap.xml')}\n`,
      ),
  )

  app.get('/sitemap.xml', async (request, reply) => {
    const found = (await starts.fetch('all', { context: callerOf(request) })) ?? []
    const maps = found.map((after) => `/sitemaps/products.xml${after && `?after=${after}`}`)
    const entries = ['/sitemaps/shelves.xml', ...maps].map(
      (path) => `<sitemap><loc>${absolute(path)}</loc></sitemap>\n`,
    )
    return send(reply, Readable.from([`${head}<sitemapindex ${space}>\n`, ...entries, '</sitemapindex>\n']))
  })

  app.get('/sitemaps/shelves.xml', async (request, reply) => {
    const categories = await categoriesFor(callerOf(request), 'en')
    return send(reply, urlSet(['/', ...categories.map(({ slug }) => `/c/${slug}`)].map((path) => entry(path))))
  })

  app.get<{ Querystring: { after?: string | string[] } }>('/sitemaps/products.xml', async (request, reply) => {
    const { after = '' } = request.query
    const pages = pagesAfter(String(after), callerOf(request), pagesPerMap)
    const first = await pages.next() // a service that is away is told before anything is sent
    const entries = async function* () {
      for (let page = first; !page.done; page = await pages.next())
        yield page.value.map(({ slug, updated_at }) => entry(`/p/${slug}`, updated_at)).join('')
    }
    return send(reply, urlSet(entries()))
  })
}
