import type { PublishedProduct } from '@mart/contracts/events/product-events'
import type { Transaction } from '@mart/service-kit/postgres'
import { CATALOGUE_CHANNEL } from './catalogue-channel.ts'

/** Keeps a product as its event tells it, unless a version as high is here already. */
export async function keepProduct(
  tx: Transaction,
  product: PublishedProduct,
  sale: 'for_sale' | 'retired',
): Promise<void> {
  const [newer] = await tx`
    insert into catalogue_products (product_id, version) values (${product.product_id}, ${product.version})
    on conflict (product_id) do update set version = excluded.version
    where catalogue_products.version < excluded.version
    returning 1`
  if (!newer) return
  const skus = product.variants.map((variant) => ({
    sku: variant.sku,
    product_id: product.product_id,
    name: variant.name ? `${product.name}, ${variant.name}` : product.name,
    prices: variant.prices,
    for_sale: sale === 'for_sale',
    max_quantity: variant.max_quantity ?? null,
  }))
  await tx`update catalogue_skus set for_sale = false where product_id = ${product.product_id}`
  await tx`
    insert into catalogue_skus
    select * from jsonb_populate_recordset(null::catalogue_skus, ${JSON.stringify(skus)}::text::jsonb)
    on conflict (upper(sku collate "C")) do update
    set sku = excluded.sku, product_id = excluded.product_id, name = excluded.name, prices = excluded.prices,
        for_sale = excluded.for_sale, max_quantity = excluded.max_quantity`
  await tx`select pg_notify(${CATALOGUE_CHANNEL}, '')`
}
