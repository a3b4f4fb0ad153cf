import type { NewCategory } from '@mart/contracts/http/product-shapes'
import { invalidInput } from '@mart/service-kit/errors'
import { newId } from '@mart/service-kit/ids'
import type { Transaction } from '@mart/service-kit/postgres'
import { type Category, unknownParent } from '../category.ts'
import { lockTree, saveCategory, slugsOf, takenCategorySlugs } from '../category-store.ts'
import { slugTaken } from '../product.ts'
import { firstFree, slugFrom } from '../slug.ts'
import { tidyTranslations } from '../translations.ts'

export async function createCategory(tx: Transaction, given: NewCategory): Promise<Category> {
  const { name, parent_id = null } = given
  await lockTree(tx)
  if (parent_id && (await slugsOf(tx, [parent_id])).size === 0) throw invalidInput([unknownParent(parent_id)])
  const wanted = given.slug ?? slugFrom(name, 'category')
  const taken = await takenCategorySlugs(tx, wanted)
  if (given.slug && taken.has(given.slug)) throw slugTaken(given.slug)
  const now = new Date()
  const slug = firstFree(wanted, taken)
  const translations = tidyTranslations(given.translations) ?? {}
  const category = { id: newId(), slug, name, parent_id, translations, version: 1, created_at: now, updated_at: now }
  await saveCategory(tx, category)
  return category
}
