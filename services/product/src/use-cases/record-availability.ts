import type { Availability } from '@mart/contracts/http/product-shapes'
import type { Transaction } from '@mart/service-kit/postgres'
import { renewListings, saveAvailability } from '../listing-store.ts'

/** The last news of each SKU counts. */
export async function recordAvailability(
  tx: Transaction,
  news: readonly { sku: string; availability: Availability }[],
): Promise<void> {
  const affected = await saveAvailability(tx, new Map(news.map(({ sku, availability }) => [sku, availability])))
  await renewListings(tx, affected)
}
