import type { PublishedProduct } from '@mart/contracts/events/product-events'
import { namesOfVariant } from '@mart/contracts/names'
import { skuKey } from '@mart/contracts/sku'
import type { Transaction } from '@mart/service-kit/postgres'

/** Keeps what is sold as the events tell it; what is here in a later version stays. Returns the keys that were told. */
export async function saveSkus(
  tx: Transaction,
  told: readonly PublishedProduct[],
  sale: 'for_sale' | 'retired',
): Promise<string[]> {
  const products = [...Map.groupBy(told, ({ product_id }) => product_id).values()].map((versions) =>
    versions.reduce((one, other) => (other.version > one.version ? other : one)),
  )
  await tx`
    update known_skus k set for_sale = false
    from unnest(
      ${products.map(({ product_id }) => product_id)}::uuid[], ${products.map(({ version }) => version)}::int[])
      as p(product_id, version)
    where k.product_id = p.product_id and k.version < p.version`
  const rows = products.flatMap((product) =>
    product.variants.map((variant) => {
      const { name, translations } = namesOfVariant(product, variant)
      const { product_id, version, slug } = product
      const sku = { sku_key: skuKey(variant.sku), sku: variant.sku, product_id, version, slug }
      return { ...sku, name, name_ur: translations?.ur?.name ?? null, for_sale: sale === 'for_sale' }
    }),
  )
  const byKey = new Map(rows.map((row) => [row.sku_key, row]))
  const keys = [...byKey.keys()].sort()
  await tx`
    insert into known_skus as known
    select * from jsonb_populate_recordset(
      null::known_skus, ${JSON.stringify(keys.map((key) => byKey.get(key)))}::text::jsonb)
    on conflict (sku_key) do update
    set sku = excluded.sku, product_id = excluded.product_id, version = excluded.version, name = excluded.name,
      name_ur = excluded.name_ur, slug = excluded.slug, for_sale = excluded.for_sale
    where known.product_id <> excluded.product_id or known.version < excluded.version`
  return keys
}

export async function isForSale(tx: Transaction, key: string): Promise<boolean> {
  return (await tx`select from known_skus where sku_key = ${key} and for_sale`).length > 0
}

/** Keeps whether each can be bought; what can be again is to be told. */
export async function saveStock(tx: Transaction, isOut: ReadonlyMap<string, boolean>): Promise<void> {
  const keys = [...isOut.keys()].sort()
  const out = keys.filter((key) => isOut.get(key))
  await tx`
    insert into sku_stock as known (sku_key, is_out, to_tell)
    select sku_key, is_out, not is_out
    from unnest(${keys}::text[]) sku_key, lateral (select sku_key = any(${out}::text[]) as is_out) said
    on conflict (sku_key) do update set is_out = excluded.is_out, to_tell = excluded.to_tell
    where known.is_out <> excluded.is_out`
}

/** Whoever has asked for one of these is told, if it can be bought now; else the next one who says that it can will see to it. */
export async function lookAgain(tx: Transaction, keys: readonly string[]): Promise<void> {
  await tx`
    insert into sku_stock as known (sku_key, is_out)
    select sku_key, true from unnest(${[...new Set(keys)].sort()}::text[]) sku_key
    on conflict (sku_key) do update set to_tell = not known.is_out`
}

/** What can be bought again, locked against who asks for it meanwhile. */
export async function lockToTell(tx: Transaction, limit: number): Promise<string[]> {
  const rows = await tx<{ sku_key: string }[]>`
    select sku_key from sku_stock where to_tell order by sku_key limit ${limit} for update skip locked`
  return rows.map(({ sku_key }) => sku_key)
}

export async function clearToTell(tx: Transaction, keys: readonly string[]): Promise<void> {
  await tx`update sku_stock set to_tell = false where sku_key = any(${[...keys]}::text[])`
}

/**
 * Those of these that are sold out, as far as is known, until the transaction ends: who has asked for one by then is told
 * when it is back.
 */
export async function lockOut(tx: Transaction, keys: readonly string[]): Promise<Set<string>> {
  if (keys.length === 0) return new Set()
  const rows = await tx<{ sku_key: string }[]>`
    select sku_key from sku_stock where sku_key = any(${[...keys]}::text[]) and is_out order by sku_key for update`
  return new Set(rows.map(({ sku_key }) => sku_key))
}

/** The same of one, which is sold out also when stock has never said anything of it. */
export async function lockIfOut(tx: Transaction, key: string): Promise<boolean> {
  await tx`insert into sku_stock (sku_key, is_out) values (${key}, true) on conflict (sku_key) do nothing`
  return (await lockOut(tx, [key])).has(key)
}
