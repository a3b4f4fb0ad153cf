import { MOST_SLUGS, SlugsPage, SlugsQuery } from '@mart/contracts/http/product-shapes'
import type { App } from '@mart/service-kit/http-server'
import type { Database } from '@mart/service-kit/postgres'
import { publishedSlugs } from '../product-queries.ts'

/** No product has a slug with a dot. */
export function addSlugsRoute(app: App, db: Database): void {
  app.get(
    '/products/slugs.json',
    {
      schema: {
        tags: ['products'],
        summary: `Where every published product is, ${MOST_SLUGS} on a page: for maps of the site`,
        querystring: SlugsQuery,
        response: { 200: SlugsPage },
      },
    },
    async ({ query: { after_slug: after = '' } }) => {
      const rows = await publishedSlugs(db, after, MOST_SLUGS)
      return { items: rows.map(({ slug, updated_at }) => ({ slug, updated_at: updated_at.toISOString() })) }
    },
  )
}
