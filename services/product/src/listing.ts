import type { Availability, ProductView } from '@mart/contracts/http/product-shapes'
import type { Money } from '@mart/contracts/money'
import { type CategoryTree, EVERYTHING, withAncestors } from './category.ts'
import type { Product } from './product.ts'
import { tsvectorOf } from './search-words.ts'

/** What is kept ready-made of a product, so that showing it takes one look-up. */
export interface Listing {
  readonly product_id: string
  readonly status: Product['status']
  readonly version: number
  readonly availability: Availability
  readonly words: string
  readonly document: string
  readonly view: ProductView
  readonly sort_name: string
  /** Every category under which it is found. */
  readonly shelves: readonly string[]
  /** The lowest price in each currency. */
  readonly prices: readonly Money[]
}

export interface Surroundings {
  readonly tree: CategoryTree
  readonly availability: ReadonlyMap<string, Availability>
}

export function listingOf(product: Product, { tree, availability }: Surroundings): Listing {
  const view = viewOf(product, tree, availability)
  return {
    product_id: product.id,
    status: product.status,
    version: product.version,
    availability: bestOf(view.variants.map((variant) => variant.availability)),
    words: tsvectorOf([
      { weight: 'A', text: product.name },
      ...product.variants.map(({ sku }) => ({ weight: 'A' as const, text: sku })),
      ...product.variants.map(({ name }) => ({ weight: 'B' as const, text: name })),
      ...view.categories.map(({ name }) => ({ weight: 'C' as const, text: name })),
      { weight: 'D', text: product.description },
    ]),
    document: JSON.stringify(view),
    view,
    sort_name: sortName(product.name),
    shelves: [EVERYTHING, ...new Set(product.category_ids.flatMap((id) => withAncestors(tree, id)))],
    prices: lowestPrices(product),
  }
}

function viewOf(product: Product, tree: CategoryTree, availability: Surroundings['availability']): ProductView {
  return {
    id: product.id,
    slug: product.slug,
    name: product.name,
    description: product.description,
    status: product.status,
    categories: product.category_ids.flatMap((categoryId) => {
      const category = tree.get(categoryId)
      return category ? { id: category.id, slug: category.slug, name: category.name } : []
    }),
    image_urls: [...product.image_urls],
    variants: product.variants.map(({ id, sku, name, options, prices, max_quantity = null }) => ({
      id,
      sku,
      name,
      options,
      prices: [...prices],
      max_quantity,
      availability: availability.get(sku) ?? 'out',
    })),
    version: product.version,
    created_at: product.created_at.toISOString(),
    updated_at: product.updated_at.toISOString(),
  }
}

function bestOf(all: readonly Availability[]): Availability {
  if (all.includes('in_stock')) return 'in_stock'
  return all.includes('low') ? 'low' : 'out'
}

const sortName = (name: string): string => name.normalize('NFKD').replaceAll(/\p{M}/gu, '').toLowerCase().slice(0, 100)

function lowestPrices(product: Product): Money[] {
  const lowest = new Map<string, number>()
  for (const { amount, currency } of product.variants.flatMap((variant) => variant.prices))
    lowest.set(currency, Math.min(amount, lowest.get(currency) ?? amount))
  return [...lowest].map(([currency, amount]) => ({ amount, currency }))
}
