import type { Facets } from '@mart/contracts/http/product-shapes'
import type { Language } from '@mart/contracts/language'
import { nameFor } from '@mart/contracts/names'
import type { Database } from '@mart/service-kit/postgres'
import type { Category } from './category.ts'
import { type Bind, binder, type Filters, found, rank, type Sort, WHOLE, walkOf, waysOf } from './listing-walks.ts'

/** The last row of a page: the value that it was sorted by, and its id. */
export interface Place {
  readonly key: string | number
  readonly productId: string
}

interface PageAsked {
  readonly after: Place | null
  readonly limit: number
  readonly language?: Language | undefined
}

/** The listing for readers of each language. */
export const documentIn: Readonly<Record<Language, string>> = {
  en: 'document',
  ur: 'coalesce(document_ur, document) as document',
}

/** Its document and its place, as PostgreSQL sends them: making texts of them would be a third of the work. */
export interface ListedProduct {
  readonly document: Buffer
  readonly key: Buffer
  readonly productId: Buffer
}

async function listed(
  db: Database,
  text: string,
  { values, prepare }: { values: (string | number)[]; prepare: boolean },
): Promise<ListedProduct[]> {
  const rows = (await db.unsafe(text, values, { prepare }).raw()) as unknown as Buffer[][]
  return rows.map(([document, key, productId]) => ({ document: document!, key: key!, productId: productId! }))
}

/**
 * A page: one walk along the index of its sorting, from `after` on; the documents are fetched for its rows alone.
 * The statement is put together as text, because nested fragments would cost the process as much as all the rest.
 */
export function listProducts(
  db: Database,
  filters: Filters,
  { sort, after, limit, language = 'en' }: PageAsked & { sort: Sort },
): Promise<ListedProduct[]> {
  const { values, bind } = binder()
  const document = documentIn[language]
  const walk = walkOf(filters, sort)
  const { direction } = walk
  const key = walk.table === 'listings' && filters.words !== undefined ? rank(filters, bind) : walk.key
  const order = `order by ${key ? `key ${direction},` : ''} product_id ${direction} limit ${bind(limit)}`
  const beyond = direction === 'desc' ? '<' : '>'
  const behind = !after
    ? ''
    : key
      ? `and (${key}, at.product_id) ${beyond} (${bind(after.key)}, ${bind(after.productId)}::uuid)`
      : `and at.product_id ${beyond} ${bind(after.productId)}::uuid`
  if (walk.table === 'listings' && !key) {
    const rows = `select ${document}, '' as key, at.product_id ${found(walk, filters, bind)} ${behind} ${order}`
    return listed(db, rows, { values, prepare: true })
  }
  const rows = waysOf(walk, filters).map(
    (way) => `(select ${key ?? "''"} as key, at.product_id ${found(walk, filters, bind, { way })} ${behind} ${order})`,
  )
  return listed(
    db,
    `with page as (${rows.length > 1 ? `select * from (${rows.join(' union all ')}) ways ${order}` : rows[0]})
    select ${document}, page.key, page.product_id from page join listings using (product_id)
    order by page.key ${direction}, page.product_id ${direction}`,
    // Which index serves a range best depends on how much is in it, unless the order is that of the prices.
    { values, prepare: !filters.price || key === 'at.amount' },
  )
}

/**
 * The same page of a search for the one word that can be found, as long as it is full of listings that are called so: as
 * nothing else goes before these but a whole name or SKU, it is a walk, too. Undefined when it takes more.
 */
export async function listHeads(
  db: Database,
  filters: Filters,
  { after, limit, language = 'en' }: PageAsked,
): Promise<ListedProduct[] | undefined> {
  const { values, bind } = binder()
  const [status, whole, only] = [filters.status, filters.ranking!.whole, filters.ranking!.only!].map(bind)
  const place = after ? `and (%, product_id) < (${bind(after.key)}::bigint, ${bind(after.productId)}::uuid)` : ''
  const order = `order by key desc, product_id desc limit ${bind(limit)}`
  const rows = await listed(
    db,
    `with wholes as materialized (
      select head_rank(words, ${only}) + ${WHOLE} as key, product_id from listings
      where status = ${status} and words @@ ${whole}::tsquery),
    page as (select * from (
      select * from wholes where true ${place.replace('%', 'key')}
      union all (
        select rank, product_id from head_words where word = ${only} and status = ${status}
          and product_id not in (select product_id from wholes) ${place.replace('%', 'rank')}
        order by rank desc, product_id desc limit ${bind(limit)})) found ${order})
    select ${documentIn[language]}, page.key::bigint, page.product_id from page join listings using (product_id)
    order by page.key desc, page.product_id desc`,
    { values, prepare: true },
  )
  return rows.length === limit ? rows : undefined
}

/** How many products each category holds, whichever category was asked for, and the span of their variants' prices. */
export async function facetsOf(
  db: Database,
  filters: Filters,
  { currency, language = 'en' }: { currency?: string | undefined; language?: Language | undefined },
): Promise<Facets> {
  const [categories, price] = await Promise.all([
    countsOf(db, { ...filters, categorySlug: undefined }, language),
    currency ? spanOf(db, { ...filters, price: undefined }, currency) : null,
  ])
  return { categories, price }
}

async function countsOf(db: Database, filters: Filters, language: Language): Promise<Facets['categories']> {
  const { values, bind } = binder()
  const rows = await db.unsafe<(Pick<Category, 'slug' | 'name' | 'translations'> & { count: number })[]>(
    `with counts as materialized (${countedShelves(filters, bind)})
    select slug, name, translations, count from counts join categories on categories.id = category_id
    where count > 0 order by count desc, slug`,
    values,
    { prepare: !filters.price },
  )
  return rows.map(({ slug, count, ...names }) => ({ slug, ...nameFor(language, names), count }))
}

function countedShelves(filters: Filters, bind: Bind): string {
  const { status, words, availability, price } = filters
  if (words || availability)
    return `select category_id, count(*)::int as count from shelf_places where (product_id, status) in (
      select at.product_id, at.status ${found(walkOf(filters, { by: 'relevance' }), filters, bind)}) group by category_id`
  if (!price)
    return `select category_id, sum(count)::int as count from shelf_counts where status = ${bind(status)} group by category_id`
  const walk = walkOf(filters, { by: 'newest' })
  const counts = waysOf(walk, filters).map(
    (way) => `(select count(*) ${found(walk, filters, bind, { way, shelf: 'categories.id' })})`,
  )
  return `select id as category_id, (${counts.join(' + ')})::int as count from categories`
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
