import { conflict, notFound } from '@mart/service-kit/errors'
import { brokenConstraint, type Transaction } from '@mart/service-kit/postgres'
import { lockCategory, removeCategory } from '../category-store.ts'
import { checkVersion, type Versions } from '../version.ts'

const refusals: Record<string, string> = {
  category_has_children: 'It has categories below it: move or delete them first.',
  category_has_products: 'There are products in it: move or retire them first.',
}

export async function deleteCategory(
  tx: Transaction,
  { id, versions }: { id: string; versions: Versions },
): Promise<void> {
  const category = await lockCategory(tx, id)
  if (!category) throw notFound('category')
  checkVersion(category.version, versions)
  try {
    await removeCategory(tx, id)
  } catch (error) {
    const code = brokenConstraint(error)
    if (code && refusals[code]) throw conflict(code, refusals[code])
    throw error
  }
}
