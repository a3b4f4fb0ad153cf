import type { CategoryView } from '@mart/contracts/http/product-shapes'
import type { Language } from '@mart/contracts/language'
import { nameFor } from '@mart/contracts/names'

export type Category = Pick<CategoryView, 'id' | 'slug' | 'name' | 'name_language' | 'parent_id'>
type Step = Omit<Category, 'id' | 'parent_id'>

/** As its readers see it: in English where there is no translation. */
export function inLanguage({ id, slug, name, parent_id, translations }: CategoryView, language: Language): Category {
  return { id, slug, ...nameFor(language, { name, ...(translations && { translations }) }), parent_id }
}

/** From the top down to the category of this slug; empty when there is none. */
export function trailTo(all: readonly Category[], slug: string | undefined): Step[] {
  const trail: Category[] = []
  for (let at = all.find((one) => one.slug === slug); at && !trail.includes(at); ) {
    trail.unshift(at)
    const above = at.parent_id
    at = all.find(({ id }) => id === above)
  }
  return trail.map(({ id: _id, parent_id: _parent, ...step }) => step)
}
