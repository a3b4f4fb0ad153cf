import type { NewVariant, ProductChanges } from '@mart/contracts/http/product-shapes'
import { skuKey } from '@mart/contracts/sku'
import { type FieldError, Refusal } from '@mart/service-kit/errors'
import type { Product, Variant } from './product.ts'
import { type ProductTranslations, tidyTranslations, translationsOf } from './translations.ts'

const MAX_FAULTS = 100
export const MAX_VARIANTS = 100
const MAX_PRICES = 20

/** A row of an import: a variant, and what its product is to be. What the row does not say stays as it is. */
export interface ImportRow {
  /** As a spreadsheet counts: the header is row 1. */
  readonly row: number
  /** Something in it could not be read; what is missing in it is no further fault. */
  readonly faulty: boolean
  readonly sku: string
  readonly name?: string
  /** Empty, like the two below in Urdu: there is none any more. */
  readonly name_ur?: string
  readonly slug?: string
  readonly description?: string
  readonly description_ur?: string
  readonly status?: 'draft' | 'published'
  readonly categories?: readonly string[]
  readonly image_urls?: readonly string[]
  readonly variant_name?: string
  readonly variant_name_ur?: string
  readonly options?: Record<string, string>
  /** Null takes the limit away. */
  readonly max_quantity?: number | null
  /** By currency; null takes the price away. */
  readonly prices: Readonly<Record<string, number | null>>
}

/** Collects what is wrong in a file, row by row, as far as 100 faults. */
export function faultList() {
  const errors: FieldError[] = []
  const rows = new Set<number>()
  return {
    add(row: number, column: string, code: string, message: string) {
      if (errors.length === MAX_FAULTS) return
      rows.add(row)
      errors.push({ field: `row ${row}, ${column}`, code, message })
    },
    has: (row: number): boolean => rows.has(row),
    any: (): boolean => errors.length > 0,
    full: (): boolean => errors.length === MAX_FAULTS,
    /** Throws Refusal 422 when anything is wrong. */
    refuse() {
      if (errors.length === 0) return
      const more = errors.length === MAX_FAULTS ? ' These are the first 100 faults; there may be more.' : ''
      const detail = `${rows.size} faulty row(s); nothing was imported.${more}`
      throw new Refusal(422, 'invalid_csv', detail, { errors, more: { faulty_rows: rows.size } })
    },
  }
}

export type Faults = ReturnType<typeof faultList>

/** A row with what is known of its SKU and its product. */
export interface FoundRow {
  readonly content: ImportRow
  /** Whoever has, or ever had, the SKU. */
  readonly owner_id: string | null
  /** The product of its slug or, without one, of its SKU. */
  readonly product_id: string | null
  /** The same for all rows of one product: those with its slug or, without one, its SKU or name. */
  readonly product_key: string
  readonly repeated: boolean
  /** A SKU that differs from it by zeros that a spreadsheet drops; only when nobody has the row's own. */
  readonly similar_sku: string | null
}

/** A number that a spreadsheet has shortened, so that nobody knows which it was. */
const isShortened = (sku: string): boolean => /^\d(\.\d+)?E\+\d+$/i.test(sku)

/** What is wrong with a row beside what it says of its product. */
export function checkRow({ content, owner_id, repeated }: FoundRow, before: Product | null, faults: Faults): void {
  const { row, sku, slug } = content
  if (repeated) faults.add(row, 'sku', 'repeated', `${sku} is in this file twice`)
  if (owner_id && (owner_id !== before?.id || !isForSale(before!, sku)))
    faults.add(row, 'sku', 'sku_taken', `${sku} is taken by another product, or retired`)
  if (!owner_id && isShortened(sku))
    faults.add(row, 'sku', 'scientific_notation', `a spreadsheet has shortened it to ${sku}: make the column text`)
  if (slug && before?.status === 'retired')
    faults.add(row, 'slug', 'slug_taken', `${slug} belongs to a retired product`)
}

const isForSale = ({ status, variants }: Product, sku: string): boolean =>
  status !== 'retired' && variants.some((variant) => skuKey(variant.sku) === skuKey(sku))

/** What a group of rows makes of its product: the fields that any row fills in; rows that contradict are faults. */
export function changesFrom(
  before: Product | null,
  rows: readonly ImportRow[],
  categoryIds: ReadonlyMap<string, string>,
  faults: Faults,
) {
  const name = agreed(rows, 'name', faults)
  const slug = agreed(rows, 'slug', faults)
  const status = agreed(rows, 'status', faults)
  const description = agreed(rows, 'description', faults)
  const inUrdu = { name: agreed(rows, 'name_ur', faults), description: agreed(rows, 'description_ur', faults) }
  const image_urls = agreed(rows, 'image_urls', faults)
  const slugs = agreed(rows, 'categories', faults)
  const [{ row }] = rows as [ImportRow]
  if (!before && name === undefined && !rows.some((one) => one.faulty))
    faults.add(row, 'name', 'required', 'a new product needs a name')
  for (const one of slugs ?? [])
    if (!categoryIds.has(one)) faults.add(row, 'categories', 'unknown_category', `there is no category ${one}`)
  const variants = mergedVariants(before, rows, faults)
  if (variants.length > MAX_VARIANTS) faults.add(row, 'sku', 'maxItems', `more than ${MAX_VARIANTS} variants`)
  return {
    ...(name === undefined ? {} : { name: unlessOnlySpaces(name, before?.name) }),
    ...(slug === undefined ? {} : { slug }),
    ...(status === undefined ? {} : { status }),
    ...(description === undefined ? {} : { description: unlessOnlySpaces(description, before?.description) }),
    ...changedTranslations(before?.translations, inUrdu),
    ...(image_urls === undefined ? {} : { image_urls: [...image_urls] }),
    ...(slugs === undefined ? {} : { category_ids: slugs.flatMap((one) => categoryIds.get(one) ?? []) }),
    variants,
  } satisfies ProductChanges
}

/** Cells are read without the spaces around them: a text that differs by nothing else stays as it was. */
const unlessOnlySpaces = (text: string, before = ''): string => (text === before.trim() ? before : text)

/** What a file says in Urdu, with what is there already of what it does not say. */
function changedTranslations(
  before: ProductTranslations | null | undefined,
  given: { readonly name?: string | undefined; readonly description?: string | undefined },
): { translations?: ProductTranslations } {
  const { name = before?.ur?.name, description = before?.ur?.description } = given
  if (given.name === undefined && given.description === undefined) return {}
  return { translations: tidyTranslations({ ur: { name: name ?? '', description: description ?? '' } }) ?? {} }
}

type ProductField =
  | 'name'
  | 'name_ur'
  | 'description_ur'
  | 'slug'
  | 'status'
  | 'description'
  | 'image_urls'
  | 'categories'

/** What the rows of a product say of it: the first that says something, as the others may leave it empty. */
function agreed<Field extends ProductField>(rows: readonly ImportRow[], field: Field, faults: Faults) {
  const isEmpty = (value: ImportRow[Field]) => value === undefined || value.length === 0
  const first = rows.find((row) => !isEmpty(row[field])) ?? rows[0]
  for (const row of rows) {
    if (!isEmpty(row[field]) && JSON.stringify(row[field]) !== JSON.stringify(first?.[field]))
      faults.add(row.row, field, 'contradicts', `differs from row ${first?.row} of the same product`)
  }
  return first?.[field] as Exclude<ImportRow[Field], undefined> | undefined
}

/** An import adds and changes variants; it never drops one, because a dropped SKU is lost for good. */
function mergedVariants(before: Product | null, rows: readonly ImportRow[], faults: Faults): NewVariant[] {
  const news = new Map(rows.map((row) => [skuKey(row.sku), row]))
  const kept = (before?.variants ?? []).map((variant) => {
    const row = news.get(skuKey(variant.sku))
    news.delete(skuKey(variant.sku))
    return mergedVariant(row, variant, faults)
  })
  return [...kept, ...[...news.values()].map((row) => mergedVariant(row, undefined, faults))]
}

function mergedVariant(row: ImportRow | undefined, before: Variant | undefined, faults: Faults): NewVariant {
  const prices = new Map((before?.prices ?? []).map((price) => [price.currency, price.amount]))
  for (const [currency, amount] of Object.entries(row?.prices ?? {})) {
    if (amount === null) prices.delete(currency)
    else prices.set(currency, amount)
  }
  const name = unlessOnlySpaces(row?.variant_name ?? before?.name ?? '', before?.name)
  const max_quantity = row?.max_quantity === undefined ? before?.max_quantity : row.max_quantity
  if (row && !row.faulty) {
    if (name === '') faults.add(row.row, 'variant_name', 'required', 'a new variant needs a name')
    if (prices.size === 0) faults.add(row.row, 'prices', 'required', 'a variant needs a price in some currency')
    if (prices.size > MAX_PRICES) faults.add(row.row, 'prices', 'maxItems', `more than ${MAX_PRICES} prices`)
  }
  return {
    sku: row?.sku ?? before?.sku ?? '',
    name,
    options: { ...(row?.options ?? before?.options) },
    prices: [...prices].map(([currency, amount]) => ({ amount, currency })),
    ...(max_quantity ? { max_quantity } : {}),
    ...translationsOf({ ur: { name: row?.variant_name_ur ?? before?.translations?.ur?.name ?? '' } }),
  }
}
