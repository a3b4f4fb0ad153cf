import type { CategoryChanges } from '@mart/contracts/http/product-shapes'
import { invalidInput, notFound } from '@mart/service-kit/errors'
import type { Transaction } from '@mart/service-kit/postgres'
import { type Category, ownAncestor, treeOf, unknownParent, wouldLoop } from '../category.ts'
import { allCategories, lockCategory, lockTree, saveCategory } from '../category-store.ts'
import { markStale } from '../listing-store.ts'
import { tidyTranslations } from '../translations.ts'
import { checkVersion, type Versions } from '../version.ts'

export async function changeCategory(
  tx: Transaction,
  { id, versions, changes }: { id: string; versions: Versions; changes: CategoryChanges },
): Promise<Category> {
  // Alone with the tree: two moves at once could make a circle that neither made.
  await lockTree(tx)
  const before = await lockCategory(tx, id)
  if (!before) throw notFound('category')
  checkVersion(before.version, versions)

  const { name = before.name, parent_id = before.parent_id } = changes
  const tree = treeOf(await allCategories(tx))
  if (parent_id && !tree.has(parent_id)) throw invalidInput([unknownParent(parent_id)])
  if (parent_id && wouldLoop(tree, before.id, parent_id)) throw invalidInput([ownAncestor])
  const translations = changes.translations ? (tidyTranslations(changes.translations) ?? {}) : before.translations
  const isSame = JSON.stringify(translations) === JSON.stringify(before.translations)
  if (name === before.name && parent_id === before.parent_id && isSame) return before
  const category = { ...before, name, parent_id, translations, version: before.version + 1, updated_at: new Date() }
  await saveCategory(tx, category)
  await markStale(tx, before.id)
  return category
}
