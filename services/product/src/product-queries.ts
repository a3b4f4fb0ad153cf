import type { Language } from '@mart/contracts/language'
import type { Queryable } from '@mart/service-kit/postgres'
import { documentIn } from './listing-queries.ts'
import type { Product } from './product.ts'

export interface ReadyProduct {
  readonly status: Product['status']
  readonly version: number
  /** Its JSON. */
  readonly document: string
}

/** The products with these ids, in their order; undefined where there is none. */
export async function findProducts(
  db: Queryable,
  ids: readonly string[],
  language: Language,
): Promise<(ReadyProduct | undefined)[]> {
  const rows = await db<(ReadyProduct & { id: string })[]>`
    select product_id as id, status, version, ${db.unsafe(documentIn[language])} from listings where product_id = any(${[...ids]}::uuid[])`
  const byId = new Map(rows.map((row) => [row.id, row]))
  return ids.map((id) => byId.get(id))
}

export async function findProductsBySlug(
  db: Queryable,
  slugs: readonly string[],
  language: Language,
): Promise<(ReadyProduct | undefined)[]> {
  const rows = await db<(ReadyProduct & { slug: string })[]>`
    select slug, listings.status, listings.version, ${db.unsafe(documentIn[language])}
    from products join listings on listings.product_id = products.id where slug = any(${[...slugs]}::text[])`
  const bySlug = new Map(rows.map((row) => [row.slug, row]))
  return slugs.map((slug) => bySlug.get(slug))
}

/** The next published ones behind `after`, in the order of their slugs. */
export const publishedSlugs = (
  db: Queryable,
  after: string,
  limit: number,
): Promise<{ slug: string; updated_at: Date }[]> =>
  db<{ slug: string; updated_at: Date }[]>`
    select slug, updated_at from products where slug > ${after} and status = 'published' order by slug limit ${limit}`

/** A product as an export writes it. */
export interface ProductForExport extends Omit<Product, 'category_ids'> {
  readonly category_slugs: readonly string[]
}

/** The next products behind `afterId` that are not retired, in the order of their ids. */
export const productsForExport = (db: Queryable, afterId: string, limit: number): Promise<ProductForExport[]> =>
  db<ProductForExport[]>`
    select products.*, array(
      select categories.slug from product_categories join categories on categories.id = category_id
      where product_id = products.id order by position) as category_slugs
    from products where products.id > ${afterId} and status <> 'retired' order by products.id limit ${limit}`

/** The currencies that products which are not retired have prices in. */
export async function currenciesInUse(db: Queryable): Promise<string[]> {
  const rows = await db<{ currency: string }[]>`
    select distinct currency from shelf_prices where status <> 'retired' order by currency`
  return rows.map((row) => row.currency)
}
