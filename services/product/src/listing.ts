import type { Availability, ProductView } from '@mart/contracts/http/product-shapes'
import type { Language } from '@mart/contracts/language'
import { nameFor } from '@mart/contracts/names'
import { type CategoryTree, EVERYTHING, withAncestors } from './category.ts'
import type { Product } from './product.ts'
import { type ListingWords, wordsOfListing } from './search/listing-words.ts'
import { sortName, sortNameInUrdu } from './sort-name.ts'
import { textFor, translationsOf } from './translations.ts'

/**
 * Counts the forms in which listings have been made. Raised with every change of what is made of the same product
 * (test/listing-form.test.ts says when), it has the worker renew the listings of an older form.
 */
export const LISTING_FORM = 3

/** What is kept ready-made of a product, so that showing it takes one look-up. */
export interface Listing {
  readonly product_id: string
  readonly status: Product['status']
  readonly version: number
  readonly availability: Availability
  readonly words: ListingWords
  readonly document: string
  /** The same for readers of Urdu; null while nothing of it is in Urdu. */
  readonly document_ur: string | null
  readonly view: ProductView
  readonly sort_name: string
  /** For readers of Urdu; null while it has no name there. */
  readonly sort_name_ur: string | null
  /** Every category under which it is found. */
  readonly shelves: readonly string[]
  readonly prices: readonly PriceSpan[]
}

/** What a product's variants cost in one currency. */
export interface PriceSpan {
  readonly currency: string
  /** The lowest, by which it is sorted. */
  readonly amount: number
  readonly highest: number
  /** Each that some variant has, ascending. */
  readonly amounts: readonly number[]
}

export interface Surroundings {
  readonly tree: CategoryTree
  readonly availability: ReadonlyMap<string, Availability>
}

export function listingOf(product: Product, { tree, availability }: Surroundings): Listing {
  const view = viewOf(product, { tree, availability }, 'en')
  const inUrdu = viewOf(product, { tree, availability }, 'ur')
  const shelves = [...new Set(product.category_ids.flatMap((id) => withAncestors(tree, id)))]
  const own = new Set(view.categories.map(({ id }) => id))
  return {
    product_id: product.id,
    status: product.status,
    version: product.version,
    availability: bestOf(view.variants.map((variant) => variant.availability)),
    words: wordsOfListing({
      ...product,
      categories: [...own].flatMap((id) => namesOf(tree, id)),
      aboveCategories: shelves.filter((id) => !own.has(id)).flatMap((id) => namesOf(tree, id)),
    }),
    document: JSON.stringify(view),
    document_ur: hasUrdu(inUrdu) ? JSON.stringify(inUrdu) : null,
    view,
    sort_name: sortName(product.name),
    sort_name_ur: sortNameInUrdu({ name: product.name, ...translationsOf(product.translations ?? undefined) }),
    shelves: [EVERYTHING, ...shelves],
    prices: priceSpans(product),
  }
}

function namesOf(tree: CategoryTree, id: string): string[] {
  const { name, translations } = tree.get(id)!
  return [name, translations.ur?.name ?? ''].filter(Boolean)
}

const hasUrdu = ({ name_language, description_language, categories, variants }: ProductView): boolean =>
  description_language === 'ur' ||
  [{ name_language }, ...categories, ...variants].some((one) => one.name_language === 'ur')

/** All that staff have given of translations is in the English one. */
function viewOf(product: Product, { tree, availability }: Surroundings, language: Language): ProductView {
  const all = product.translations ?? undefined
  const description = textFor(language, product.description, all?.ur?.description)
  return {
    id: product.id,
    slug: product.slug,
    ...nameFor(language, { name: product.name, ...translationsOf(all) }),
    description: description.text,
    description_language: description.language,
    status: product.status,
    categories: product.category_ids.flatMap((categoryId) => {
      const category = tree.get(categoryId)
      return category ? { id: category.id, slug: category.slug, ...nameFor(language, category) } : []
    }),
    image_urls: [...product.image_urls],
    variants: product.variants.map(({ id, sku, name, options, prices, max_quantity = null, translations }) => ({
      id,
      sku,
      ...nameFor(language, { name, ...translationsOf(translations) }),
      options,
      prices: [...prices],
      max_quantity,
      availability: availability.get(sku) ?? 'out',
      ...(language === 'en' ? translationsOf(translations) : {}),
    })),
    ...(language === 'en' ? translationsOf(all) : {}),
    version: product.version,
    created_at: product.created_at.toISOString(),
    updated_at: product.updated_at.toISOString(),
  }
}

function bestOf(all: readonly Availability[]): Availability {
  if (all.includes('in_stock')) return 'in_stock'
  return all.includes('low') ? 'low' : 'out'
}

function priceSpans(product: Product): PriceSpan[] {
  const byCurrency = Map.groupBy(
    product.variants.flatMap((variant) => variant.prices),
    (price) => price.currency,
  )
  return [...byCurrency].map(([currency, prices]) => {
    const amounts = [...new Set(prices.map((price) => price.amount))].sort((one, other) => one - other)
    return { currency, amount: amounts[0]!, highest: amounts.at(-1)!, amounts }
  })
}
