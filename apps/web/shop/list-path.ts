import type { Filters } from './pages.ts'

/** The address of a list with these filters: a category's, or the search's. `min` and `max` are in minor units there. */
export function listPath(category: string | null, filters: Filters): string {
  const query = new URLSearchParams()
  if (filters.q) query.set('q', filters.q)
  if (filters.sort !== defaultSort(filters)) query.set('sort', filters.sort)
  if (filters.inStock) query.set('in_stock', '1')
  if (filters.minPrice !== null) query.set('min_price', String(filters.minPrice))
  if (filters.maxPrice !== null) query.set('max_price', String(filters.maxPrice))
  if (filters.cursor) query.set('cursor', filters.cursor)
  const text = query.toString()
  return `${category ? `/c/${category}` : '/search'}${text && `?${text}`}`
}

export const defaultSort = ({ q }: Pick<Filters, 'q'>): string => (q ? 'relevance' : 'newest')

const empty: Filters = { q: '', sort: 'newest', inStock: false, minPrice: null, maxPrice: null, cursor: null }

/** The filters without one of them, from the first page. */
export function withoutFilter(filters: Filters, name: keyof Filters): Filters {
  const left = { ...filters, [name]: empty[name], cursor: null }
  return left.sort === 'relevance' && !left.q ? { ...left, sort: 'newest' } : left
}
