import type { Availability, Facets } from '@mart/contracts/http/product-shapes'
import type { Database } from '@mart/service-kit/postgres'
import { EVERYTHING } from './category.ts'
import type { SearchTerm, Spelling } from './search-words.ts'

export interface Filters {
  readonly status: string
  readonly categorySlug?: string | undefined
  /** A tsquery. */
  readonly words?: string | undefined
  readonly availability?: readonly Availability[] | undefined
  readonly price?: { readonly currency: string; readonly min: number; readonly max: number } | undefined
}

export type Sort =
  | { readonly by: 'relevance' | 'newest' | 'name' }
  | { readonly by: 'price' | '-price'; readonly currency: string }

/** The last row of a page: the value that it was sorted by, and its id. */
export interface Place {
  readonly key: string | number
  readonly productId: string
}

export interface ListedProduct {
  readonly document: string
  readonly key: string | number
  readonly product_id: string
}

/** The spellings of each term that our words offer. */
export const spellingsOf = (db: Database, terms: readonly SearchTerm[]): Promise<Spelling[]> =>
  db<Spelling[]>`
    select given.term, known, case when known or slips = 0 then '{}' else array(
      select word from search_words
      where word % given.term and levenshtein_less_equal(word, given.term, slips) <= slips
      order by word <-> given.term, word limit 5) end as alike
    from unnest(${terms.map(({ term }) => term)}::text[], ${terms.map(({ slips }) => slips)}::int[]) as given (term, slips),
      lateral (select exists (
        select from search_words where word >= given.term collate "C" and word < given.term || ${'\u{10ffff}'}) as known)`

/**
 * A page: one walk along the index of its sorting, from `after` on; the documents are fetched for its rows alone.
 * The statement is put together as text, because nested fragments would cost the process as much as all the rest.
 */
export function listProducts(
  db: Database,
  filters: Filters,
  { sort, after, limit }: { sort: Sort; after: Place | null; limit: number },
): Promise<ListedProduct[]> {
  const { values, bind } = binder()
  const walk = walkOf(filters, sort)
  const { direction } = walk
  const key = walk.table === 'listings' ? rank(filters, bind) : walk.key
  const beyond = direction === 'desc' ? '<' : '>'
  const behind = !after
    ? ''
    : key
      ? `and (${key}, at.product_id) ${beyond} (${bind(after.key)}, ${bind(after.productId)}::uuid)`
      : `and at.product_id ${beyond} ${bind(after.productId)}::uuid`
  return db.unsafe<ListedProduct[]>(
    `with page as (
      select ${key ?? "''"} as key, at.product_id ${found(walk, filters, bind)} ${behind}
      order by ${key ? `key ${direction},` : ''} at.product_id ${direction} limit ${bind(limit)})
    select document, page.key, page.product_id from page join listings using (product_id)
    order by page.key ${direction}, page.product_id ${direction}`,
    values,
    { prepare: true },
  )
}

/** How many products each category holds, whichever category was asked for, and the span of their lowest prices. */
export async function facetsOf(db: Database, filters: Filters, currency: string | undefined): Promise<Facets> {
  const [categories, price] = await Promise.all([
    countsOf(db, { ...filters, categorySlug: undefined }),
    currency ? spanOf(db, { ...filters, price: undefined }, currency) : null,
  ])
  return { categories, price }
}

function countsOf(db: Database, filters: Filters): Promise<Facets['categories']> {
  const { values, bind } = binder()
  const everything = !filters.words && !filters.availability && !filters.price
  const which = everything
    ? `status = ${bind(filters.status)}`
    : `(product_id, status) in (
        select at.product_id, at.status ${found(walkOf(filters, { by: 'relevance' }), filters, bind)})`
  return db.unsafe<Facets['categories']>(
    `with counts as (
      select category_id, count(*)::int as count from shelf_places
      where category_id <> ${bind(EVERYTHING)} and ${which} group by category_id)
    select slug, name, count from counts join categories on categories.id = category_id order by count desc, slug`,
    values,
    { prepare: true },
  )
}

async function spanOf(db: Database, filters: Filters, currency: string): Promise<Facets['price']> {
  const { values, bind } = binder()
  const [span] = await db.unsafe<{ min: number | null; max: number | null }[]>(
    `select min(amount), max(amount) ${found(walkOf(filters, { by: 'price', currency }), filters, bind)}`,
    values,
    { prepare: true },
  )
  return span && span.min !== null && span.max !== null ? { min: span.min, max: span.max } : null
}

type Bind = (value: string | number | readonly string[]) => string

/** Collects the values of a statement; each stands in its text as $1, $2, … */
function binder() {
  const values: (string | number)[] = []
  const bind: Bind = (value) => `$${values.push(value as string | number)}`
  return { values, bind }
}

/** The rows that are walked, what they are sorted by beside their id (listings: by rank), and which way. */
interface Walk {
  readonly table: 'listings' | 'shelf_places' | 'shelf_prices'
  readonly key: string | null
  readonly direction: 'asc' | 'desc'
  readonly currency?: string
}

function walkOf({ words }: Filters, sort: Sort): Walk {
  if ('currency' in sort) {
    const direction = sort.by === '-price' ? 'desc' : 'asc'
    return { table: 'shelf_prices', key: 'at.amount', direction, currency: sort.currency }
  }
  if (sort.by === 'name') return { table: 'shelf_places', key: 'at.sort_name', direction: 'asc' }
  if (sort.by === 'newest' || words === undefined) return { table: 'shelf_places', key: null, direction: 'desc' }
  return { table: 'listings', key: null, direction: 'desc' }
}

/** A whole number, because a cursor that carries a float does not find its place again. */
const rank = ({ words = '' }: Filters, bind: Bind) => `(ts_rank(at.words, ${bind(words)}::tsquery) * 1000000)::int`

function found({ table, currency }: Walk, filters: Filters, bind: Bind): string {
  const { status, categorySlug, words, availability, price } = filters
  const inCategory = () =>
    `category_id = ${categorySlug ? `(select id from categories where slug = ${bind(categorySlug)})` : bind(EVERYTHING)}`
  const listing = table === 'listings' ? 'at' : 'listings'
  const all = [`at.status = ${bind(status)}`]
  if (table !== 'listings') all.push(`at.${inCategory()}`)
  else if (categorySlug) all.push(`exists (${rowOf('shelf_places')} and ${inCategory()})`)
  if (words !== undefined) all.push(`${listing}.words @@ ${bind(words)}::tsquery`)
  if (availability) all.push(`${listing}.availability = any(${bind(availability)}::text[])`)
  if (currency) all.push(`at.currency = ${bind(currency)}`)
  if (price) {
    const inRange = `amount between ${bind(price.min)} and ${bind(price.max)}`
    if (currency) all.push(inRange)
    else {
      const everywhere = `category_id = ${bind(EVERYTHING)} and currency = ${bind(price.currency)}`
      all.push(`exists (${rowOf('shelf_prices')} and ${everywhere} and ${inRange})`)
    }
  }
  const needsListing = table !== 'listings' && (words !== undefined || availability)
  return `from ${table} at ${needsListing ? 'join listings using (product_id)' : ''} where ${all.join(' and ')}`
}

const rowOf = (table: string) =>
  `select from ${table} where ${table}.product_id = at.product_id and ${table}.status = at.status`
