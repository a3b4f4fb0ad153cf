import { skuKey } from '@mart/contracts/sku'
import type { Database, Queryable } from '@mart/service-kit/postgres'
import { LRUCache } from 'lru-cache'
import type { ShownEntry } from './carts/cart.ts'
import { CATALOGUE_CHANNEL } from './catalogue-channel.ts'

export interface Catalogue {
  /** What is known of these SKUs, by their `skuKey`; one that nobody has heard of is absent. */
  readonly entriesOf: (skus: readonly string[], by?: Queryable) => Promise<Map<string, ShownEntry>>
}

/**
 * The catalogue, remembered in memory so that pricing an order costs no query. Every replica is told by the database
 * when a product changed, and forgets what it remembered; so it does when that connection was down for a moment.
 */
export async function rememberedCatalogue(db: Database): Promise<Catalogue> {
  const remembered = new LRUCache<string, ShownEntry>({ max: 50_000 })
  let era = 0
  const forget = () => {
    era += 1
    remembered.clear()
  }
  await db.listen(CATALOGUE_CHANNEL, forget, forget)
  return {
    async entriesOf(skus, by = db) {
      const found = new Map<string, ShownEntry>()
      const missing: string[] = []
      for (const key of skus.map(skuKey)) {
        const entry = remembered.get(key)
        if (entry) found.set(key, entry)
        else missing.push(key)
      }
      if (missing.length === 0) return found
      const startedIn = era
      const rows = await by<ShownEntry[]>`
        select sku, name, prices, for_sale, max_quantity, product_id, product_name, variant_name, product_slug, image_url,
          product_name_ur, variant_name_ur
        from catalogue_skus
        where upper(sku collate "C") = any(${missing}::text[])`
      for (const row of rows) {
        const key = skuKey(row.sku)
        found.set(key, row)
        if (era === startedIn) remembered.set(key, row) // else a change came while we read: it may be the old price
      }
      return found
    },
  }
}
