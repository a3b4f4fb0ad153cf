import type { PublishedProduct } from '@mart/contracts/events/product-events'
import { namesOfVariant } from '@mart/contracts/names'
import { skuKey } from '@mart/contracts/sku'
import type { Transaction } from '@mart/service-kit/postgres'
import { CATALOGUE_CHANNEL } from './catalogue-channel.ts'

/** Keeps products as their events tell them, a later one over an earlier; a version that is here already changes nothing. */
export async function saveProducts(
  tx: Transaction,
  told: readonly PublishedProduct[],
  sale: 'for_sale' | 'retired',
): Promise<void> {
  const latest = latestOf(told)
  // Two batches that hold the same products in another order would deadlock.
  const products = latest.toSorted((a, b) => (a.product_id < b.product_id ? -1 : 1))
  const ids = products.map(({ product_id }) => product_id)
  const newer = await tx<{ product_id: string }[]>`
    insert into catalogue_products (product_id, version)
    select * from unnest(${ids}::uuid[], ${products.map(({ version }) => version)}::int[])
    on conflict (product_id) do update set version = excluded.version
    where catalogue_products.version < excluded.version
    returning product_id`
  if (newer.length === 0) return
  const isNewer = new Set(newer.map(({ product_id }) => product_id))
  await tx`update catalogue_skus set for_sale = false where product_id = any(${[...isNewer]}::uuid[])`
  // In the order that they were told: a SKU may have gone from one product to another.
  const skus = latest.filter(({ product_id }) => isNewer.has(product_id)).flatMap((product) => skusOf(product, sale))
  const rows = [...new Map(skus.map((row) => [skuKey(row.sku), row])).values()]
  await tx`
    insert into catalogue_skus
    select * from jsonb_populate_recordset(null::catalogue_skus, ${JSON.stringify(rows)}::text::jsonb)
    on conflict (upper(sku collate "C")) do update
    set sku = excluded.sku, product_id = excluded.product_id, name = excluded.name, prices = excluded.prices,
        for_sale = excluded.for_sale, max_quantity = excluded.max_quantity, product_name = excluded.product_name,
        variant_name = excluded.variant_name, product_slug = excluded.product_slug, image_url = excluded.image_url,
        product_name_ur = excluded.product_name_ur, variant_name_ur = excluded.variant_name_ur`
  await tx`select pg_notify(${CATALOGUE_CHANNEL}, '')`
}

/** The highest version of each, in the order that they were told. */
function latestOf(told: readonly PublishedProduct[]): PublishedProduct[] {
  const latest = new Map<string, PublishedProduct>()
  for (const product of told) {
    const known = latest.get(product.product_id)
    if (known && known.version >= product.version) continue
    latest.delete(product.product_id)
    latest.set(product.product_id, product)
  }
  return [...latest.values()]
}

const skusOf = (
  { product_id, name, slug, image_urls, variants, translations }: PublishedProduct,
  sale: 'for_sale' | 'retired',
) =>
  variants.map((variant) => ({
    sku: variant.sku,
    product_id,
    name: namesOfVariant({ name }, variant).name,
    prices: variant.prices,
    for_sale: sale === 'for_sale',
    max_quantity: variant.max_quantity ?? null,
    product_name: name,
    variant_name: variant.name,
    product_slug: slug,
    image_url: image_urls[0] ?? null,
    product_name_ur: translations?.ur?.name ?? null,
    variant_name_ur: variant.translations?.ur?.name ?? null,
  }))
