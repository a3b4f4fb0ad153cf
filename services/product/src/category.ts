import type { FieldError } from '@mart/service-kit/errors'
import type { NameTranslations } from './translations.ts'

export interface Category {
  readonly id: string
  readonly slug: string
  readonly name: string
  readonly parent_id: string | null
  readonly translations: NameTranslations
  readonly version: number
  readonly created_at: Date
  readonly updated_at: Date
}

type Node = Pick<Category, 'id' | 'slug' | 'name' | 'parent_id' | 'translations'>
export type CategoryTree = ReadonlyMap<string, Node>

/** The shelf that everything stands on. */
export const EVERYTHING = '00000000-0000-0000-0000-000000000000'

export const treeOf = (categories: readonly Node[]): CategoryTree =>
  new Map(categories.map((category) => [category.id, category]))

/** The category and all that it is a part of, from below to above. */
export function withAncestors(tree: CategoryTree, id: string): string[] {
  const path: string[] = []
  for (let at = tree.get(id); at; at = at.parent_id ? tree.get(at.parent_id) : undefined) path.push(at.id)
  return path
}

/** Whether hanging `id` under `parentId` would make it a part of itself. */
export const wouldLoop = (tree: CategoryTree, id: string, parentId: string): boolean =>
  withAncestors(tree, parentId).includes(id)

export const unknownParent = (id: string): FieldError => ({
  field: 'parent_id',
  code: 'unknown_category',
  message: `there is no category ${id}`,
})

export const ownAncestor: FieldError = {
  field: 'parent_id',
  code: 'own_ancestor',
  message: 'a category cannot be a part of itself',
}
