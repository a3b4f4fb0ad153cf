import type { Transaction } from '@mart/service-kit/postgres'
import type { Category } from './category.ts'

/** Keeps the tree as it is until the end of the transaction, so that what is made from it stays true. */
export const holdTree = (tx: Transaction) => tx`select pg_advisory_xact_lock_shared(hashtext('category tree'))`

/** Waits for all who hold the tree, and keeps others away from it until the end of the transaction. */
export const lockTree = (tx: Transaction) => tx`select pg_advisory_xact_lock(hashtext('category tree'))`

export const allCategories = (tx: Transaction): Promise<Category[]> => tx<Category[]>`select * from categories`

export async function lockCategory(tx: Transaction, id: string): Promise<Category | undefined> {
  const [category] = await tx<Category[]>`select * from categories where id = ${id} for no key update`
  return category
}

/** Which of this slug and its numbered kind (tea, tea-2, …) are taken. */
export async function takenCategorySlugs(tx: Transaction, slug: string): Promise<Set<string>> {
  const rows = await tx<{ slug: string }[]>`
    select slug from categories where slug = ${slug} or (starts_with(slug, ${`${slug}-`}))`
  return new Set(rows.map((row) => row.slug))
}

/** The slugs of these categories by their ids; an id that is none's is not in it. */
export async function slugsOf(tx: Transaction, ids: readonly string[]): Promise<Map<string, string>> {
  const rows = await tx<{ id: string; slug: string }[]>`
    select id, slug from categories where id = any(${[...new Set(ids)]}::uuid[]) for key share`
  return new Map(rows.map(({ id, slug }) => [id, slug]))
}

/** The ids of the categories with these slugs; a slug that is none's is not in it. */
export async function categoryIdsOf(tx: Transaction, slugs: readonly string[]): Promise<Map<string, string>> {
  const rows = await tx<{ id: string; slug: string }[]>`
    select id, slug from categories where slug = any(${[...new Set(slugs)]}::text[]) for key share`
  return new Map(rows.map(({ id, slug }) => [slug, id]))
}

export async function saveCategory(tx: Transaction, category: Category): Promise<void> {
  const { id, slug, name, parent_id, version, created_at, updated_at, translations } = category
  await tx`
    insert into categories (id, slug, name, parent_id, version, created_at, updated_at, translations)
    values (${id}, ${slug}, ${name}, ${parent_id}, ${version}, ${created_at}, ${updated_at},
      ${JSON.stringify(translations)}::text::json)
    on conflict (id) do update set
      name = excluded.name, parent_id = excluded.parent_id, version = excluded.version, updated_at = excluded.updated_at,
      translations = excluded.translations`
}

export async function removeCategory(tx: Transaction, id: string): Promise<void> {
  await tx`delete from categories where id = ${id}`
}
