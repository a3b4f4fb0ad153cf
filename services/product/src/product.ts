import type { EventToPublish } from '@mart/contracts/events/define-event'
import {
  ProductChanged,
  ProductPublished,
  ProductRetired,
  type PublishedProduct,
} from '@mart/contracts/events/product-events'
import type { NewProduct, NewVariant, ProductChanges } from '@mart/contracts/http/product-shapes'
import type { Money } from '@mart/contracts/money'
import { skuKey } from '@mart/contracts/sku'
import { conflict, type FieldError } from '@mart/service-kit/errors'
import { type NameTranslations, type ProductTranslations, tidyTranslations, translationsOf } from './translations.ts'

export interface Variant {
  readonly id: string
  readonly sku: string
  readonly name: string
  readonly options: Readonly<Record<string, string>>
  readonly prices: readonly Money[]
  /** The most of it that one order may have; without it the shop's own limit holds. */
  readonly max_quantity?: number
  readonly translations?: NameTranslations
}

export interface Product {
  readonly id: string
  readonly slug: string
  readonly name: string
  readonly description: string
  readonly status: 'draft' | 'published' | 'retired'
  readonly category_ids: readonly string[]
  readonly image_urls: readonly string[]
  readonly variants: readonly Variant[]
  /** Null: all of it is in English. */
  readonly translations: ProductTranslations | null
  readonly version: number
  readonly created_at: Date
  readonly updated_at: Date
}

/** What the rules cannot make up themselves. */
export interface Making {
  readonly at: Date
  readonly makeId: () => string
}

/** Ids as the database writes them, each once. */
export const tidied = <Given extends { category_ids?: string[] }>(given: Given): Given =>
  given.category_ids
    ? { ...given, category_ids: [...new Set(given.category_ids.map((id) => id.toLowerCase()))] }
    : given

export function newProduct(given: NewProduct & { slug: string }, { at, makeId }: Making): Product {
  const { name, slug, description = '', status = 'draft', category_ids = [], image_urls = [], variants } = given
  return {
    id: makeId(),
    slug,
    name,
    description,
    status,
    category_ids,
    image_urls,
    variants: variantsFrom(variants, [], makeId),
    translations: tidyTranslations(given.translations) ?? null,
    version: 1,
    created_at: at,
    updated_at: at,
  }
}

/** The product with these changes and the next version; the product itself when they change nothing. */
export function changedProduct(product: Product, changes: ProductChanges, { at, makeId }: Making): Product {
  const { variants, translations, ...fields } = changes
  const changed: Product = {
    ...product,
    ...fields,
    variants: variants ? variantsFrom(variants, product.variants, makeId) : product.variants,
    translations: translations ? (tidyTranslations(translations) ?? null) : product.translations,
  }
  if (JSON.stringify(changed) === JSON.stringify(product)) return product
  return { ...changed, version: product.version + 1, updated_at: at }
}

/** It leaves its categories, so that they can be deleted; its SKUs stay its own for ever. */
export const retiredProduct = (product: Product, at: Date): Product => ({
  ...product,
  status: 'retired',
  category_ids: [],
  version: product.version + 1,
  updated_at: at,
})

function variantsFrom(given: readonly NewVariant[], before: readonly Variant[], makeId: () => string): Variant[] {
  const known = new Map(before.map((variant) => [skuKey(variant.sku), variant]))
  return given.map(({ sku, name, options = {}, prices, max_quantity, translations }) => ({
    id: known.get(skuKey(sku))?.id ?? makeId(),
    sku: known.get(skuKey(sku))?.sku ?? sku,
    name,
    options,
    prices: prices.map(({ amount, currency }) => ({ amount, currency })),
    ...(max_quantity ? { max_quantity } : {}),
    ...translationsOf(translations),
  }))
}

/** The SKUs that `after` has and `before` had not. */
export function addedSkus(before: Product | null, after: Product): string[] {
  const had = new Set(before?.variants.map((variant) => skuKey(variant.sku)))
  return after.variants.map((variant) => variant.sku).filter((sku) => !had.has(skuKey(sku)))
}

/** What a schema cannot say: no SKU twice in a product, no currency twice in a variant. */
export function repetitionsIn(variants: readonly NewVariant[]): FieldError[] {
  const skus = new Set<string>()
  return variants.flatMap(({ sku, prices }, index) => {
    const errors: FieldError[] = []
    if (skus.has(skuKey(sku))) errors.push(repeated(`variants[${index}].sku`, `${sku} is in this product twice`))
    skus.add(skuKey(sku))
    const currencies = new Set<string>()
    prices.forEach(({ currency }, at) => {
      const field = `variants[${index}].prices[${at}].currency`
      if (currencies.has(currency)) errors.push(repeated(field, `${currency} is in this variant twice`))
      currencies.add(currency)
    })
    return errors
  })
}

const repeated = (field: string, message: string): FieldError => ({ field, code: 'repeated', message })

/** The event that makes this change known outside; null while nobody outside has seen the product. */
export function toPublish(
  before: Product | null,
  after: Product,
  slugOf: (categoryId: string) => string,
): EventToPublish | null {
  const wasPublic = before?.status === 'published'
  const isPublic = after.status === 'published'
  if (!wasPublic && !isPublic) return null
  const event = !isPublic ? ProductRetired : wasPublic ? ProductChanged : ProductPublished
  return { event, data: publishedProduct(after, after.category_ids.map(slugOf)) }
}

const publishedProduct = (product: Product, categorySlugs: string[]): PublishedProduct => ({
  product_id: product.id,
  version: product.version,
  slug: product.slug,
  name: product.name,
  ...nameTranslationsOf(product.translations),
  category_slugs: categorySlugs,
  image_urls: [...product.image_urls],
  variants: product.variants.map(({ sku, name, prices, max_quantity, translations }) => ({
    sku,
    name,
    ...nameTranslationsOf(translations),
    prices: [...prices],
    ...(max_quantity ? { max_quantity } : {}),
  })),
})

/** What an event has of them, which tells no description either. */
const nameTranslationsOf = (given: ProductTranslations | null | undefined) =>
  translationsOf(given?.ur?.name ? { ur: { name: given.ur.name } } : undefined)

export const unknownCategories = (ids: readonly string[], known: ReadonlyMap<string, string>): FieldError[] =>
  ids.flatMap((id, index) =>
    known.has(id)
      ? []
      : { field: `category_ids[${index}]`, code: 'unknown_category', message: `there is no category ${id}` },
  )

export const slugTaken = (slug: string) => conflict('slug_taken', `The slug ${slug} belongs to another.`)

export const skuTaken = (skus: readonly string[], variants: readonly { sku: string }[]) =>
  conflict('sku_taken', `${skus.join(', ')}: taken by another product, or retired. A SKU is never used again.`, {
    errors: variants.flatMap(({ sku }, index) =>
      skus.includes(sku) ? { field: `variants[${index}].sku`, code: 'sku_taken', message: `${sku} is taken` } : [],
    ),
    more: { skus },
  })
