import type { Availability } from '@mart/contracts/http/product-shapes'
import type { Language } from '@mart/contracts/language'
import { EVERYTHING } from './category.ts'
import type { Search } from './search/tsquery.ts'

export interface Filters {
  readonly status: string
  readonly categorySlug?: string | undefined
  /** A tsquery. */
  readonly words?: string | undefined
  /** What the best of those are. */
  readonly ranking?: Pick<Search, 'groups' | 'only' | 'whole'> | undefined
  readonly availability?: readonly Availability[] | undefined
  readonly price?: { readonly currency: string; readonly min: number; readonly max: number } | undefined
}

export type Sort =
  | { readonly by: 'relevance' | 'newest' }
  | { readonly by: 'name'; readonly language: Language }
  | { readonly by: 'price' | '-price'; readonly currency: string }

export type Bind = (value: string | number | readonly string[]) => string

/** Collects the values of a statement; each stands in its text as $1, $2, … */
export function binder() {
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

/** As the indexes of migrations/0011 have it: what has no name in Urdu is shown, and sorted, by the English one. */
const shownName: Readonly<Record<Language, string>> = {
  en: 'at.sort_name',
  ur: 'coalesce(at.sort_name_ur, at.sort_name)',
}

export function walkOf({ words, price, categorySlug }: Filters, sort: Sort): Walk {
  if ('currency' in sort) {
    const direction = sort.by === '-price' ? 'desc' : 'asc'
    return { table: 'shelf_prices', key: 'at.amount', direction, currency: sort.currency }
  }
  const shelf = price
    ? ({ table: 'shelf_prices', currency: price.currency } as const)
    : ({ table: 'shelf_places' } as const)
  if (sort.by === 'name') return { ...shelf, key: shownName[sort.language], direction: 'asc' }
  const isOfAll = words === undefined && !categorySlug && !price
  if (isOfAll || (sort.by === 'relevance' && words !== undefined))
    return { table: 'listings', key: null, direction: 'desc' }
  return { ...shelf, key: null, direction: 'desc' }
}

export const RANK_SCALE = 10_000
export const WHOLE = 100 * RANK_SCALE

/**
 * How well a listing answers: its rank for each group of words, multiplied, so that a good one for all goes before a
 * better one for some; the whole name or SKU before everything. A whole number, because a cursor that carries a float
 * does not find its place again.
 */
export function rank({ ranking }: Filters, bind: Bind): string {
  const { groups, only, whole } = ranking!
  const rankOf = (query: string, times: number) =>
    query ? `ts_rank('{0.1,0.2,0.6,1}', at.words, ${bind(query)}::tsquery) * ${bind(times)}::float8` : '0'
  const factors = (only ? [] : groups).map(
    ({ sure, sureTimes, perhaps, perhapsTimes, weight }) =>
      `${bind(weight)}::float8 * ln(0.02 + ${rankOf(sure, sureTimes)} + ${rankOf(perhaps, perhapsTimes)})`,
  )
  const ofWords = only ? `head_rank(at.words, ${bind(only)})` : `(${RANK_SCALE} * (${factors.join(' + ') || '0'}))`
  return `(${ofWords} + case when at.words @@ ${bind(whole)}::tsquery then ${WHOLE} else 0 end)::bigint`
}

/** How a price is in a range: the lowest is; only a higher one is; or whichever. */
type Way = 'lowest' | 'higher' | 'any'

/** The rows of a range of prices come from two indexes: that of the lowest, and that of those with several. */
export const waysOf = ({ currency }: Walk, { price }: Filters): Way[] =>
  price && currency ? ['lowest', 'higher'] : ['any']

export function found(
  { table, currency }: Walk,
  filters: Filters,
  bind: Bind,
  { way = 'any', shelf }: { way?: Way; shelf?: string } = {},
): string {
  const { status, categorySlug, words, availability, price } = filters
  const asked = () =>
    categorySlug ? `(select id from categories where slug = ${bind(categorySlug)})` : bind(EVERYTHING)
  const inCategory = () => `category_id = ${shelf ?? asked()}`
  const listing = table === 'listings' ? 'at' : 'listings'
  const all = [`at.status = ${bind(status)}`]
  if (table !== 'listings') all.push(`at.${inCategory()}`)
  else if (categorySlug) all.push(`exists (${rowOf('shelf_places')} and ${inCategory()})`)
  if (words !== undefined) all.push(`${listing}.words @@ ${bind(words)}::tsquery`)
  if (availability) all.push(`${listing}.availability = any(${bind(availability)}::text[])`)
  if (currency) all.push(`at.currency = ${bind(currency)}`)
  if (price) {
    const [min, max] = [bind(price.min), bind(price.max)]
    const higher = `highest > amount and amount < ${min} and highest >= ${min}
      and exists (select from unnest(amounts) one where one between ${min} and ${max})`
    const lowest = `amount between ${min} and ${max}`
    const inRange = { lowest, higher, any: `(${lowest} or ${higher})` }[way]
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
