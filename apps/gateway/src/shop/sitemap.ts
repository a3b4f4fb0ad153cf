import type { ProductView } from '@mart/contracts/http/product-shapes'
import type { App } from '@mart/service-kit/http-server'
import { callerOf } from '../session.ts'
import type { Shop } from './open-shop.ts'

/** The newest products, in one map; by the protocol (https://www.sitemaps.org/protocol.html) it could have 50,000 addresses. */
const PER_MAP = 5_000
const PER_QUESTION = 100

export function addSitemap(app: App, { services, origin, categoriesFor }: Shop): void {
  const absolute = (path: string) => new URL(path, origin).href.replaceAll('&', '&amp;')
  app.get('/robots.txt', (_, reply) =>
    reply
      .type('text/plain; charset=utf-8')
      .send(
        `User-agent: *\nDisallow: /cart\nDisallow: /checkout\nDisallow: /account\nDisallow: /orders\nDisallow: /api/\n\nSitemap: ${absolute('/sitemap.xml')}\n`,
      ),
  )

  app.get('/sitemap.xml', async (request, reply) => {
    const caller = callerOf(request)
    const categories = await categoriesFor(caller)
    const entries = [entry(absolute('/')), ...categories.map(({ slug }) => entry(absolute(`/c/${slug}`)))]
    let cursor: string | null | undefined
    for (let asked = 0; asked < PER_MAP / PER_QUESTION && cursor !== null; asked += 1) {
      const query = new URLSearchParams({ sort: 'newest', limit: String(PER_QUESTION), ...(cursor && { cursor }) })
      const page: { items: ProductView[]; next_cursor: string | null } = await services.ask(
        'product',
        `/products?${query}`,
        caller,
      )
      entries.push(...page.items.map((one) => entry(absolute(`/p/${one.slug}`), one.updated_at)))
      cursor = page.next_cursor
    }
    return reply.type('application/xml; charset=utf-8').send(urlSet(entries))
  })
}

const entry = (address: string, changed?: string) =>
  `<url><loc>${address}</loc>${changed ? `<lastmod>${changed.slice(0, 10)}</lastmod>` : ''}</url>`

const urlSet = (entries: readonly string[]) =>
  `<?xml version="1.0" encoding="UTF-8"?>\n<urlset xmlns="http://www.sitemaps.org/schemas/sitemap/0.9">\n${entries.join('\n')}\n</urlset>\n`
