import { notFound } from '@mart/service-kit/errors'
import { type Fragment, pipelined, type Transaction } from '@mart/service-kit/postgres'
import type { Product } from './product.ts'
import { checkVersion, type Versions } from './version.ts'

const columns = `
  id, slug, name, description, status, image_urls, variants, translations, version, created_at, updated_at,
  array(select category_id from product_categories where product_id = products.id order by position) as category_ids`

/** The products of these ids, locked against every other change, in the order of their ids. */
export const lockProducts = (tx: Transaction, ids: readonly string[]): Promise<Product[]> =>
  tx<Product[]>`
    select ${tx.unsafe(columns)} from products where id = any(${[...ids]}::uuid[]) order by id for no key update`

/** The same without a lock: for who changes nothing. */
export const readProducts = (tx: Transaction, ids: readonly string[]): Promise<Product[]> =>
  tx<Product[]>`select ${tx.unsafe(columns)} from products where id = any(${[...ids]}::uuid[])`

/** One product, locked. Throws Refusal 404 when there is none, 412 when the caller meant another version. */
export async function lockProduct(tx: Transaction, id: string, versions: Versions): Promise<Product> {
  const [product] = await lockProducts(tx, [id])
  if (!product) throw notFound('product')
  checkVersion(product.version, versions)
  return product
}

/** Writes new products and new states of known ones. The caller has locked the known ones. */
export async function saveProducts(tx: Transaction, products: readonly Product[]): Promise<void> {
  const rows = JSON.stringify(products)
  const ids = products.map((product) => product.id)
  const places = products.flatMap(({ id, category_ids }) =>
    category_ids.map((category_id, position) => ({ product_id: id, category_id, position })),
  )
  await pipelined(
    () => tx`
      insert into products select * from json_populate_recordset(null::products, ${rows}::text::json)
      on conflict (id) do update set
        slug = excluded.slug, name = excluded.name, description = excluded.description, status = excluded.status,
        image_urls = excluded.image_urls, variants = excluded.variants, version = excluded.version,
        translations = excluded.translations,
        updated_at = excluded.updated_at`,
    () => tx`delete from product_categories where product_id = any(${ids}::uuid[])`,
    () => tx`
      insert into product_categories
      select * from json_populate_recordset(null::product_categories, ${JSON.stringify(places)}::text::json)`,
  )
}

/** Gives these SKUs to their products for ever. Returns those that had been given away before. */
export async function claimSkus(
  tx: Transaction,
  claims: readonly { sku: string; productId: string }[],
): Promise<string[]> {
  if (claims.length === 0) return []
  // Sorted, or two that claim the same SKUs at once wait for each other.
  const sorted = claims.toSorted((one, other) => (one.sku < other.sku ? -1 : 1))
  const claimed = await tx<{ sku: string }[]>`
    insert into skus
    select * from unnest(${sorted.map(({ sku }) => sku)}::text[], ${sorted.map(({ productId }) => productId)}::uuid[])
    on conflict do nothing returning sku`
  const got = new Set(claimed.map(({ sku }) => sku))
  return sorted.map(({ sku }) => sku).filter((sku) => !got.has(sku))
}

export const productsWithSlugs = (tx: Transaction, slugs: readonly string[]): Promise<{ slug: string; id: string }[]> =>
  tx`select slug, id from products where slug = any(${[...slugs]}::text[])`

/**
 * The taken ones among these slugs and their numbered kind (tea, tea-2, …), also those that a file in import gives;
 * nobody else makes one up until the end.
 */
export async function takenSlugs(tx: Transaction, slugs: readonly string[], importId?: string): Promise<Set<string>> {
  await tx`select pg_advisory_xact_lock(hashtext('made-up slugs'))`
  const rows = await tx<{ slug: string }[]>`
    ${slugsLike(tx, slugs, tx`products`)}
    ${importId ? tx`union (${slugsLike(tx, slugs, tx`(select slug from import_rows where import_id = ${importId}) staged`)})` : tx``}`
  return new Set(rows.map(({ slug }) => slug))
}

const slugsLike = (tx: Transaction, slugs: readonly string[], table: Fragment) => tx`
  select slug from ${table} where slug = any(${[...slugs]}::text[])
  union
  select known.slug from unnest(${[...slugs]}::text[]) as base
  join (select slug from ${table}) as known on known.slug > base || '-' and known.slug < base || '.'
    and substr(known.slug, length(base) + 2) ~ '^[0-9]+$'`
