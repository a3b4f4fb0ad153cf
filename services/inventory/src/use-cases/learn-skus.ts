import type { Transaction } from '@mart/service-kit/postgres'
import { addSkus, saveVersions } from '../stock-store.ts'

export interface Product {
  readonly product_id: string
  readonly version: number
  readonly variants: readonly { readonly sku: string }[]
}

/** Makes the SKUs of new versions known, with nothing on the shelf. Both inserts are sorted, or two batches deadlock. */
export async function learnSkus(tx: Transaction, products: readonly Product[], lowStockAt: number): Promise<void> {
  const newest = new Map<string, Product>()
  for (const product of products) {
    if (product.version > (newest.get(product.product_id)?.version ?? 0)) newest.set(product.product_id, product)
  }
  const sorted = [...newest.values()].sort((a, b) => (a.product_id < b.product_id ? -1 : 1))
  const news = await saveVersions(tx, sorted)
  const skus = sorted
    .filter((product) => news.has(product.product_id))
    .flatMap((product) => product.variants.map((variant) => variant.sku))
  await addSkus(tx, skus.sort(), lowStockAt)
}
