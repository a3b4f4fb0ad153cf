import type { Queryable } from '@mart/service-kit/postgres'
import type { Product } from './product.ts'

export interface ReadyProduct {
  readonly status: Product['status']
  readonly version: number
  /** Its JSON. */
  readonly document: string
}

export async function findProduct(db: Queryable, { id }: { id: string }): Promise<ReadyProduct | undefined> {
  const [found] = await db<ReadyProduct[]>`select status, version, document from listings where product_id = ${id}`
  return found
}

export async function findProductBySlug(db: Queryable, slug: string): Promise<ReadyProduct | undefined> {
  const [found] = await db<ReadyProduct[]>`
    select listings.status, listings.version, document
    from products join listings on listings.product_id = products.id where slug = ${slug}`
  return found
}

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
