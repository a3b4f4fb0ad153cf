import type { NewProduct, ProductView } from '@mart/contracts/http/product-shapes'
import { invalidInput } from '@mart/service-kit/errors'
import { newId } from '@mart/service-kit/ids'
import { addToOutbox } from '@mart/service-kit/outbox'
import type { Transaction } from '@mart/service-kit/postgres'
import { slugsOf } from '../category-store.ts'
import { renewListings } from '../listing-store.ts'
import { newProduct, repetitionsIn, skuTaken, slugTaken, tidied, toPublish, unknownCategories } from '../product.ts'
import { claimSkus, productsWithSlugs, saveProducts, takenSlugs } from '../product-store.ts'
import { firstFree, slugFrom } from '../slug.ts'

export async function createProduct(tx: Transaction, input: NewProduct): Promise<ProductView> {
  const given = tidied(input)
  const categories = await slugsOf(tx, given.category_ids ?? [])
  const faults = [...repetitionsIn(given.variants), ...unknownCategories(given.category_ids ?? [], categories)]
  if (faults.length > 0) throw invalidInput(faults)

  const slug = given.slug ? await freeSlug(tx, given.slug) : await madeUpSlug(tx, given.name)
  const product = newProduct({ ...given, slug }, { at: new Date(), makeId: newId })
  const taken = await claimSkus(
    tx,
    product.variants.map(({ sku }) => ({ sku, productId: product.id })),
  )
  if (taken.length > 0) throw skuTaken(taken, product.variants)

  await saveProducts(tx, [product])
  const [view] = await renewListings(tx, [product.id])
  const told = toPublish(null, product, (id) => categories.get(id)!)
  if (told) await addToOutbox(tx, told.event, told.data)
  return view!
}

async function freeSlug(tx: Transaction, slug: string): Promise<string> {
  const [taken] = await productsWithSlugs(tx, [slug])
  if (taken) throw slugTaken(slug)
  return slug
}

async function madeUpSlug(tx: Transaction, name: string): Promise<string> {
  const slug = slugFrom(name, 'product')
  return firstFree(slug, await takenSlugs(tx, [slug]))
}
