import { minorDigits } from '@mart/contracts/money'
import type { FilterProblem, Filters, Frame } from '@mart/web/pages'

const MOST_CHARACTERS = 200
const sorts = ['relevance', 'newest', 'price', '-price', 'name']

/**
 * Reads what a list's address asks for: `min` and `max` as people type them ("1,240.50"), `min_price` and `max_price` in minor
 * units. What makes no sense is left out and named.
 */
export function readFilters(query: Readonly<Record<string, unknown>>, currency: string) {
  const problems: FilterProblem[] = []
  const text = (name: string) => {
    const value = query[name]
    return typeof value === 'string' ? value.trim() : ''
  }
  let q = text('q').replaceAll(/\p{Cc}+/gu, ' ')
  if (q.length > MOST_CHARACTERS) {
    problems.push({ field: 'q', code: 'too_long' })
    q = q.slice(0, MOST_CHARACTERS)
  }
  const price = (name: 'min' | 'max') => {
    const given = text(name) || text(`${name}_price`)
    if (!given) return null
    const amount = text(name) ? minorUnits(given, currency) : wholeNumber(given)
    if (amount === null) problems.push({ field: name, code: 'no_price' })
    return amount
  }
  const [minPrice, maxPrice] = [price('min'), price('max')]
  if (minPrice !== null && maxPrice !== null && minPrice > maxPrice) problems.push({ field: 'max', code: 'below_min' })
  const sort = text('sort')
  const filters: Filters = {
    q,
    sort: sorts.includes(sort) && (sort !== 'relevance' || q) ? sort : q ? 'relevance' : 'newest',
    inStock: text('in_stock') === '1',
    minPrice,
    maxPrice,
    cursor: text('cursor') || null,
  }
  return { filters, problems }
}

const wholeNumber = (text: string): number | null => (/^\d{1,15}$/.test(text) ? Number(text) : null)

function minorUnits(text: string, currency: string): number | null {
  const digits = minorDigits(currency)
  const [, whole, part = ''] = /^(\d{1,12})(?:\.(\d{1,4}))?$/.exec(text.replaceAll(/[,\s]/g, '')) ?? []
  if (whole === undefined || part.length > digits) return null
  return Number(whole + part.padEnd(digits, '0'))
}

/** The same for the product service. */
export function productsQuery(
  filters: Filters,
  category: string | null,
  { currency, language }: Pick<Frame, 'currency' | 'language'>,
  limit: number,
): string {
  const query = new URLSearchParams({ currency, language, facets: 'true', limit: String(limit), sort: filters.sort })
  if (filters.q) query.set('q', filters.q)
  if (category) query.set('category', category)
  if (filters.minPrice !== null) query.set('min_price', String(filters.minPrice))
  if (filters.maxPrice !== null) query.set('max_price', String(filters.maxPrice))
  if (filters.inStock) for (const one of ['in_stock', 'low']) query.append('availability', one)
  if (filters.cursor) query.set('cursor', filters.cursor)
  return query.toString()
}
