import type { ProductChanges, ProductView } from '@mart/contracts/http/product-shapes'
import { conflict, invalidInput } from '@mart/service-kit/errors'
import { newId } from '@mart/service-kit/ids'
import { addToOutbox } from '@mart/service-kit/outbox'
import type { Transaction } from '@mart/service-kit/postgres'
import { slugsOf } from '../category-store.ts'
import { renewListings } from '../listing-store.ts'
import {
  addedSkus,
  changedProduct,
  repetitionsIn,
  skuTaken,
  slugTaken,
  tidied,
  toPublish,
  unknownCategories,
} from '../product.ts'
import { claimSkus, lockProduct, productsWithSlugs, saveProducts } from '../product-store.ts'
import type { Versions } from '../version.ts'

export async function changeProduct(
  tx: Transaction,
  { id, versions, changes }: { id: string; versions: Versions; changes: ProductChanges },
): Promise<ProductView> {
  const before = await lockProduct(tx, id, versions)
  if (before.status === 'retired') throw conflict('product_retired', 'A retired product stays as it is.')

  const product = changedProduct(before, tidied(changes), { at: new Date(), makeId: newId })
  const categories = await slugsOf(tx, product.category_ids)
  const faults = [...repetitionsIn(changes.variants ?? []), ...unknownCategories(product.category_ids, categories)]
  if (faults.length > 0) throw invalidInput(faults)
  if (product.slug !== before.slug && (await productsWithSlugs(tx, [product.slug])).length > 0)
    throw slugTaken(product.slug)
  const added = addedSkus(before, product).map((sku) => ({ sku, productId: id }))
  const taken = await claimSkus(tx, added)
  if (taken.length > 0) throw skuTaken(taken, product.variants)

  if (product !== before) await saveProducts(tx, [product])
  const [view] = await renewListings(tx, [id])
  const told = product === before ? null : toPublish(before, product, (categoryId) => categories.get(categoryId)!)
  if (told) await addToOutbox(tx, told.event, told.data)
  return view!
}
