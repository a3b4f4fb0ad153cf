import type { Availability, Facets } from '@mart/contracts/http/product-shapes'
import type { Database } from '@mart/service-kit/postgres'
import { EVERYTHING } from './category.ts'
import type { Ranked } from './search/tsquery.ts'

export interface Filters {
  readonly status: string
  readonly categorySlug?: string | undefined
  /** A tsquery. */
  readonly words?: string | undefined
  /** What the best of those are. */
  readonly ranking?: { readonly groups: readonly Ranked[]; readonly whole: string } | undefined
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

/** How many products each category holds, whichever category was asked for, and the span of their variants' prices. */
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
    `select min(amount), max(highest) as max ${found(walkOf(filters, { by: 'price', currency }), filters, bind)}`,
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

export const RANK_SCALE = 10_000

/**
 * How well a listing answers: its rank for each group of words, multiplied, so that a good one for all goes before a
 * better one for some; the whole name or SKU before everything. A whole number, because a cursor that carries a float
 * does not find its place again.
 */
function rank({ ranking }: Filters, bind: Bind): string {
  const { groups, whole } = ranking!
  const rankOf = (query: string, times: number) =>
    query ? `ts_rank('{0.1,0.2,0.6,1}', at.words, ${bind(query)}::tsquery) * ${bind(times)}::float8` : '0'
  const factors = groups.map(
    ({ sure, sureTimes, perhaps, perhapsTimes, weight }) =>
      `${bind(weight)}::float8 * ln(0.02 + ${rankOf(sure, sureTimes)} + ${rankOf(perhaps, perhapsTimes)})`,
  )
  return `(${RANK_SCALE} * (${factors.join(' + ') || '0'}) + case when at.words @@ ${bind(whole)}::tsquery then ${100 * RANK_SCALE} else 0 end)::bigint`
}

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
    const [min, max] = [bind(price.min), bind(price.max)]
    const inRange = `amount <= ${max} and highest >= ${min} and (amount >= ${min} or highest <= ${max}
      or exists (select from unnest(amounts) one where one between ${min} and ${max}))`
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
