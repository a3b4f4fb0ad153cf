import { type Names, namesOfVariant } from '@mart/contracts/names'
import { skuKey } from '@mart/contracts/sku'
import type { Database, Queryable } from '@mart/service-kit/postgres'
import { LRUCache } from 'lru-cache'
import type { ShownEntry } from './carts/cart.ts'
import { CATALOGUE_CHANNEL } from './catalogue-channel.ts'

interface CatalogueRow extends Omit<ShownEntry, 'product' | 'variant' | 'translations'> {
  readonly product_name: string | null
  readonly variant_name: string | null
  readonly product_name_ur: string | null
  readonly variant_name_ur: string | null
}

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
      const rows = await by<CatalogueRow[]>`
        select sku, name, prices, for_sale, max_quantity, product_id, product_name, variant_name, product_slug, image_url,
          product_name_ur, variant_name_ur
        from catalogue_skus
        where upper(sku collate "C") = any(${missing}::text[])`
      for (const entry of rows.map(entryOf)) {
        const key = skuKey(entry.sku)
        found.set(key, entry)
        if (era === startedIn) remembered.set(key, entry) // else a change came while we read: it may be the old price
      }
      return found
    },
  }
}

function entryOf({ product_name, variant_name, product_name_ur, variant_name_ur, ...row }: CatalogueRow): ShownEntry {
  const product = product_name === null ? null : namesIn(product_name, product_name_ur)
  const variant = variant_name ? namesIn(variant_name, variant_name_ur) : null
  return { ...row, ...(product && namesOfVariant(product, variant)), product, variant }
}

const namesIn = (name: string, inUrdu: string | null): Names => ({
  name,
  ...(inUrdu && { translations: { ur: { name: inUrdu } } }),
})
