import type { ImportResult } from '@mart/contracts/http/product-shapes'
import { newId } from '@mart/service-kit/ids'
import { addSaidToOutbox, say } from '@mart/service-kit/outbox'
import type { Transaction } from '@mart/service-kit/postgres'
import { categoryIdsOf, slugsOf } from '../category-store.ts'
import {
  changesFrom,
  type Faults,
  groupRows,
  type ImportFile,
  type ImportRow,
  type KnownProducts,
  type RowGroup,
} from '../import-rows.ts'
import { renewListings } from '../listing-store.ts'
import { addedSkus, changedProduct, newProduct, type Product, toSay } from '../product.ts'
import { claimSkus, lockProducts, ownersOfSkus, productsWithSlugs, saveProducts, takenSlugs } from '../product-store.ts'
import { firstFree, slugFrom } from '../slug.ts'

const PRODUCTS_PER_STATEMENT = 500

interface Change {
  readonly before: Product | null
  readonly after: Product
  readonly rows: readonly ImportRow[]
}

/** All of the file, or, when one row is faulty, nothing. */
export async function importProducts(tx: Transaction, { rows, faults }: ImportFile): Promise<ImportResult> {
  const groups = groupRows(rows, await knownProducts(tx, rows), faults)
  const categoryIds = await categoryIdsOf(
    tx,
    rows.flatMap((row) => row.categories ?? []),
  )
  const all = await changesOf(tx, groups, categoryIds, faults)
  await claimAdded(tx, all, faults)
  faults.refuse()

  const changes = all.filter(({ before, after }) => before !== after)
  for (let from = 0; from < changes.length; from += PRODUCTS_PER_STATEMENT) {
    await save(tx, changes.slice(from, from + PRODUCTS_PER_STATEMENT))
  }
  return resultOf(all)
}

async function knownProducts(tx: Transaction, rows: readonly ImportRow[]): Promise<KnownProducts> {
  const slugs = [...new Set(rows.flatMap((row) => row.slug ?? []))]
  const [owners, named] = await Promise.all([
    ownersOfSkus(
      tx,
      rows.map((row) => row.sku),
    ),
    productsWithSlugs(tx, slugs),
  ])
  const ids = new Set([...owners.map((row) => row.product_id), ...named.map((row) => row.id)])
  const products = new Map((await lockProducts(tx, [...ids])).map((product) => [product.id, product]))
  return {
    bySku: new Map(owners.map(({ sku, product_id }) => [sku, products.get(product_id)!])),
    bySlug: new Map(named.map(({ slug, id }) => [slug, products.get(id)!])),
  }
}

async function changesOf(
  tx: Transaction,
  groups: readonly RowGroup[],
  categoryIds: ReadonlyMap<string, string>,
  faults: Faults,
): Promise<Change[]> {
  const making = { at: new Date(), makeId: newId }
  const wanted = groups.map((group) => ({ group, changes: changesFrom(group, categoryIds, faults) }))
  const madeUp = wanted.flatMap(({ group: { before }, changes: { slug, name = '' } }) =>
    before || slug ? [] : slugFrom(name, 'product'),
  )
  const taken = await takenSlugs(tx, [...new Set(madeUp)])
  for (const { changes } of wanted) if (changes.slug) taken.add(changes.slug)
  return wanted.map(({ group: { before, rows }, changes }) => {
    if (before) return { before, rows, after: changedProduct(before, changes, making) }
    const { name = '', slug = firstFree(slugFrom(name, 'product'), taken) } = changes
    taken.add(slug)
    return { before, rows, after: newProduct({ ...changes, name, slug }, making) }
  })
}

async function claimAdded(tx: Transaction, changes: readonly Change[], faults: Faults): Promise<void> {
  const claims = changes.flatMap(({ before, after }) =>
    addedSkus(before, after).map((sku) => ({ sku, productId: after.id })),
  )
  const taken = new Set(await claimSkus(tx, claims))
  for (const { row, sku } of changes.flatMap((change) => change.rows))
    if (taken.has(sku) && !faults.has(row))
      faults.add(row, 'sku', 'sku_taken', `${sku} is taken by another product, or retired`)
}

async function save(tx: Transaction, changes: readonly Change[]): Promise<void> {
  const products = changes.map((change) => change.after)
  await saveProducts(tx, products)
  await renewListings(
    tx,
    products.map((product) => product.id),
  )
  const slugs = await slugsOf(
    tx,
    products.flatMap((product) => product.category_ids),
  )
  const told = changes.flatMap(({ before, after }) => toSay(before, after, (id) => slugs.get(id)!) ?? [])
  await addSaidToOutbox(
    tx,
    told.map(({ event, data }) => say(event, data)),
  )
}

function resultOf(changes: readonly Change[]): ImportResult {
  const updated = changes.filter(({ before, after }) => before && before !== after)
  const added = changes.flatMap(({ before, after }) => addedSkus(before, after))
  const differing = updated.flatMap(({ before, after }) => {
    const old = new Map(before?.variants.map((variant) => [variant.sku, JSON.stringify(variant)]))
    return after.variants.filter((variant) => old.has(variant.sku) && old.get(variant.sku) !== JSON.stringify(variant))
  })
  const created = changes.filter(({ before }) => !before)
  return {
    products_created: created.length,
    products_updated: updated.length,
    products_unchanged: changes.length - created.length - updated.length,
    variants_created: added.length,
    variants_updated: differing.length,
  }
}
