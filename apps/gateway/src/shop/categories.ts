import type { CategoryView } from '@mart/contracts/http/product-shapes'

type Category = Pick<CategoryView, 'id' | 'slug' | 'name' | 'parent_id'>

/** From the top down to the category of this slug; empty when there is none. */
export function trailTo(all: readonly Category[], slug: string | undefined): Pick<Category, 'slug' | 'name'>[] {
  const trail: Category[] = []
  for (let at = all.find((one) => one.slug === slug); at && !trail.includes(at); ) {
    trail.unshift(at)
    const above = at.parent_id
    at = all.find(({ id }) => id === above)
  }
  return trail
}
