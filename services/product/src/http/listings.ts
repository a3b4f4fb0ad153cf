import { type Facets, ProductsPage, ProductsQuery } from '@mart/contracts/http/product-shapes'
import { problems } from '@mart/contracts/http/shared-shapes'
import { type FieldError, Refusal } from '@mart/service-kit/errors'
import type { App } from '@mart/service-kit/http-server'
import { cursorFor, pageOf, readCursor } from '@mart/service-kit/pages'
import { isStaff } from '@mart/service-kit/people'
import type { Database } from '@mart/service-kit/postgres'
import type { Service } from '@mart/service-kit/start-service'
import type { Config } from '../config.ts'
import { type Filters, facetsOf, listProducts, type Place, type Sort, spellingsOf } from '../listing-queries.ts'
import { searchTerms, tsqueryOf } from '../search-words.ts'
import { sharedAnswers } from './shared-answers.ts'

export function addListingRoutes(app: App, { db }: Service<Config>): void {
  const shared = sharedAnswers<Buffer>()
  app.get(
    '/products',
    {
      onRequest: app.maybeSignedIn,
      schema: { tags: ['products'], querystring: ProductsQuery, response: { 200: ProductsPage, ...problems(403) } },
    },
    async ({ query, person, url }, reply) => {
      if ((query.status ?? 'published') !== 'published' && !isStaff(person))
        throw new Refusal(403, 'forbidden', 'Only staff see what is not published.')
      reply.type('application/json; charset=utf-8')
      return (await shared(url, () => pageFor(db, query))) as never
    },
  )
}

async function pageFor(db: Database, query: ProductsQuery): Promise<Buffer> {
  const { status = 'published', limit = 20 } = query
  const sort = sortOf(query)
  const after = placeOf(sort, query.cursor)
  const words = query.q?.trim() ? await wordsFor(db, query.q) : undefined
  if (words === null) return pageText([], null, query.facets ? { categories: [], price: null } : undefined)

  const filters = filtersOf(query, status, words)
  const [rows, facets] = await Promise.all([
    listProducts(db, filters, { sort, after, limit: limit + 1 }),
    query.facets ? facetsOf(db, filters, query.currency) : undefined,
  ])
  const { items, next_cursor } = pageOf(rows, limit, (row) => cursorFor(tagOf(sort), row.key, row.product_id))
  const documents = items.map((row) => row.document)
  return pageText(documents, next_cursor, facets)
}

function sortOf({ sort: by = 'relevance', currency, min_price, max_price, q }: ProductsQuery): Sort {
  const needing = Object.entries({ min_price, max_price, sort: /price/.test(by) ? by : undefined })
  const errors: FieldError[] = needing
    .filter(([, value]) => currency === undefined && value !== undefined)
    .map(([field]) => ({ field, code: 'needs_currency', message: 'needs a currency' }))
  if (errors.length > 0)
    throw new Refusal(400, 'invalid_input', errors.map(({ field }) => `${field}: needs a currency`).join('; '), {
      errors,
    })
  if (by === 'price' || by === '-price') return { by, currency: currency! }
  return { by: by === 'relevance' && !q?.trim() ? 'newest' : by }
}

const tagOf = (sort: Sort): string => ('currency' in sort ? `${sort.by} ${sort.currency}` : sort.by)

const keyKinds = { name: 'string', newest: 'string', relevance: 'int4', price: 'integer', '-price': 'integer' } as const

function placeOf(sort: Sort, cursor: string | undefined): Place | null {
  const place = readCursor(cursor, ['string', keyKinds[sort.by], 'uuid'])
  if (!place) return null
  const [tag, key, productId] = place
  if (tag !== tagOf(sort))
    throw new Refusal(400, 'invalid_input', `cursor: belongs to the sorting ${tag}`, {
      errors: [{ field: 'cursor', code: 'cursor', message: `belongs to the sorting ${tag}` }],
    })
  return { key: key!, productId: String(productId) }
}

/** A tsquery, or null when nothing of the question can be found. */
async function wordsFor(db: Database, q: string): Promise<string | null> {
  const terms = searchTerms(q)
  return terms.length > 0 ? tsqueryOf(await spellingsOf(db, terms)) : null
}

function filtersOf(query: ProductsQuery, status: string, words: string | undefined): Filters {
  const { category, availability, currency, min_price, max_price } = query
  const hasRange = min_price !== undefined || max_price !== undefined
  return {
    status,
    categorySlug: category,
    words,
    availability,
    price:
      currency && hasRange ? { currency, min: min_price ?? 0, max: max_price ?? Number.MAX_SAFE_INTEGER } : undefined,
  }
}

/** The documents are JSON already: parsing them to write them again would be most of the work. */
function pageText(documents: readonly string[], nextCursor: string | null, facets: Facets | undefined): Buffer {
  const more = facets ? `,"facets":${JSON.stringify(facets)}` : ''
  return Buffer.from(`{"items":[${documents.join(',')}],"next_cursor":${JSON.stringify(nextCursor)}${more}}`)
}
