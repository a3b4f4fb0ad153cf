import type { Queryable } from '@mart/service-kit/postgres'
import type { Category } from './category.ts'

export async function findCategory(db: Queryable, { id }: { id: string }): Promise<Category | undefined> {
  const [category] = await db<Category[]>`select * from categories where id = ${id}`
  return category
}

export async function findCategoryBySlug(db: Queryable, slug: string): Promise<Category | undefined> {
  const [category] = await db<Category[]>`select * from categories where slug = ${slug}`
  return category
}

export const listCategories = (db: Queryable, afterSlug: string, limit: number): Promise<Category[]> =>
  db<Category[]>`select * from categories where slug > ${afterSlug} order by slug limit ${limit}`
