import { readFileSync } from 'node:fs'
import { type Facets, ProductsPage, ProductsQuery } from '@mart/contracts/http/product-shapes'
import { problems } from '@mart/contracts/http/shared-shapes'
import { type FieldError, Refusal } from '@mart/service-kit/errors'
import type { App } from '@mart/service-kit/http-server'
import { cursorFor, pageOf, readCursor } from '@mart/service-kit/pagination'
import { isStaff } from '@mart/service-kit/people'
import type { Database } from '@mart/service-kit/postgres'
import type { Service } from '@mart/service-kit/start-service'
import type { Config } from '../config.ts'
import { facetsOf, type ListedProduct, listHeads, listProducts, type Place } from '../listing-queries.ts'
import { type Filters, RANK_SCALE, type Sort } from '../listing-walks.ts'
import { parseSynonyms, type Synonyms } from '../search/synonyms.ts'
import type { Search } from '../search/tsquery.ts'
import { isFound } from '../word-queries.ts'
import { type Understood, understand } from './searching.ts'
import { sharedAnswers } from './shared-answers.ts'

const ownSynonyms = readFileSync(new URL('../../synonyms.txt', import.meta.url), 'utf8')

export function addListingRoutes(app: App, { db, config }: Service<Config>): void {
  const synonyms = parseSynonyms(`${ownSynonyms}\n${config.SEARCH_SYNONYMS ?? ''}`)
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
      return (await shared(url, () => pageFor(db, synonyms, query))) as never
    },
  )
}

async function pageFor(db: Database, synonyms: Synonyms, query: ProductsQuery): Promise<Buffer> {
  const { limit = 20 } = query
  const sort = sortOf(query)
  const place = placeOf(sort, query.cursor)
  const search = query.q?.trim() ? await understand(db, synonyms, query.q) : undefined
  const { rows, level, filters } = await rowsFor(db, { query, sort, place, search })
  const facets = query.facets ? await facetsOf(db, filters, query) : undefined
  const tag = level > 0 ? `${tagOf(sort)}~${level}` : tagOf(sort)
  const { items, next_cursor } = pageOf(rows, limit, ({ key, productId }) =>
    cursorFor(tag, keyKinds[sort.by] === 'string' ? key.toString() : Number(key), productId.toString()),
  )
  const documents = items.map((row) => row.document)
  return pageText(documents, next_cursor, facets)
}

interface Asked {
  readonly query: ProductsQuery
  readonly sort: Sort
  readonly place: (Place & { readonly level: number }) | null
  readonly search: Understood | undefined
}

interface Answer {
  readonly rows: readonly ListedProduct[]
  readonly level: number
  readonly filters: Filters
}

/**
 * Some of the words are enough when nothing has all of them, or only a few that just mention them. A filter that leaves
 * nothing is another matter, and says so.
 */
async function rowsFor(db: Database, asked: Asked): Promise<Answer> {
  const { query, sort, place } = asked
  const last = place || !asked.search ? (place?.level ?? 0) : asked.search.levels.length - 1
  let search: Search | undefined = asked.search
  for (let level = place?.level ?? search?.start ?? 0; ; level += 1) {
    if (level > 0 && search === asked.search && !search?.only)
      search = await asked.search?.weigh(query.status ?? 'published')
    const filters = filtersOf(query, search, level)
    const page = { sort, after: place, limit: (query.limit ?? 20) + 1, language: query.language }
    // The beginning of a SKU may be that of very many.
    const mayBeHeads = search?.only && !search.whole.endsWith('*') && sort.by === 'relevance' && !isNarrowed(query)
    const heads = mayBeHeads ? await listHeads(db, filters, page) : undefined
    const rows = heads ?? (await listProducts(db, filters, page))
    if (level === last) return { rows, level, filters }
    const isWeak =
      level === 0 && sort.by === 'relevance' && rows.length < FEW && Number(rows[0]?.key) < search!.weak * RANK_SCALE
    if (rows.length > 0 && (!isWeak || isNarrowed(query))) return { rows, level, filters }
    if (isNarrowed(query) && (await isFound(db, filters.status, filters.words!))) return { rows, level, filters }
  }
}

const FEW = 5

const isNarrowed = ({ category, availability, min_price, max_price, sort }: ProductsQuery): boolean =>
  [category, availability, min_price, max_price].some((filter) => filter !== undefined) || /price/.test(sort ?? '')

function sortOf({ sort: by = 'relevance', currency, min_price, max_price, q, language = 'en' }: ProductsQuery): Sort {
  const needing = Object.entries({ min_price, max_price, sort: /price/.test(by) ? by : undefined })
  const errors: FieldError[] = needing
    .filter(([, value]) => currency === undefined && value !== undefined)
    .map(([field]) => ({ field, code: 'needs_currency', message: 'needs a currency' }))
  if (errors.length > 0)
    throw new Refusal(400, 'invalid_input', errors.map(({ field }) => `${field}: needs a currency`).join('; '), {
      errors,
    })
  if (by === 'price' || by === '-price') return { by, currency: currency! }
  if (by === 'name') return { by, language }
  return { by: by === 'relevance' && !q?.trim() ? 'newest' : by }
}

/** What a cursor is of. */
function tagOf(sort: Sort): string {
  if ('currency' in sort) return `${sort.by} ${sort.currency}`
  return sort.by === 'name' && sort.language === 'ur' ? 'name ur' : sort.by
}

const keyKinds = { name: 'string', newest: 'string', relevance: 'int4', price: 'integer', '-price': 'integer' } as const

function placeOf(sort: Sort, cursor: string | undefined): Asked['place'] {
  const place = readCursor(cursor, ['string', keyKinds[sort.by], 'uuid'])
  if (!place) return null
  const [tagged, key, productId] = place
  const [tag, level = '0'] = String(tagged).split('~')
  if (tag !== tagOf(sort) || !/^\d$/.test(level))
    throw new Refusal(400, 'invalid_input', `cursor: belongs to the sorting ${tag}`, {
      errors: [{ field: 'cursor', code: 'cursor', message: `belongs to the sorting ${tag}` }],
    })
  return { key: key!, productId: String(productId), level: Number(level) }
}

function filtersOf(query: ProductsQuery, search: Search | undefined, level: number): Filters {
  const { status = 'published', category, availability, currency, min_price, max_price } = query
  const hasRange = min_price !== undefined || max_price !== undefined
  return {
    status,
    categorySlug: category,
    words: search?.levels[level] ?? search?.levels.at(-1),
    ranking: search,
    availability,
    price:
      currency && hasRange ? { currency, min: min_price ?? 0, max: max_price ?? Number.MAX_SAFE_INTEGER } : undefined,
  }
}

const comma = Buffer.from(',')

/** The documents are JSON already: parsing them to write them again would be most of the work. */
function pageText(documents: readonly Buffer[], nextCursor: string | null, facets: Facets | undefined): Buffer {
  const more = facets ? `,"facets":${JSON.stringify(facets)}` : ''
  const parts: Buffer[] = [Buffer.from('{"items":[')]
  for (const document of documents) {
    if (parts.length > 1) parts.push(comma)
    parts.push(document)
  }
  parts.push(Buffer.from(`],"next_cursor":${JSON.stringify(nextCursor)}${more}}`))
  return Buffer.concat(parts)
}
