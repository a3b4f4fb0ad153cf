import type { NewVariant, ProductChanges } from '@mart/contracts/http/product-shapes'
import { type FieldError, Refusal } from '@mart/service-kit/errors'
import type { Product, Variant } from './product.ts'

const MAX_FAULTS = 100
const MAX_VARIANTS = 100
const MAX_PRICES = 20

/** A row of an import: a variant, and what its product is to be. What the row does not say stays as it is. */
export interface ImportRow {
  /** As a spreadsheet counts: the header is row 1. */
  readonly row: number
  /** Something in it could not be read; what is missing in it is no further fault. */
  readonly faulty: boolean
  readonly sku: string
  readonly name?: string
  readonly slug?: string
  readonly description?: string
  readonly status?: 'draft' | 'published'
  readonly categories?: readonly string[]
  readonly image_urls?: readonly string[]
  readonly variant_name?: string
  readonly options?: Record<string, string>
  /** By currency; null takes the price away. */
  readonly prices: Readonly<Record<string, number | null>>
}

export interface ImportFile {
  readonly rows: readonly ImportRow[]
  readonly faults: Faults
}

/** Collects what is wrong in a file: what is shown ends at 100, what is counted does not. */
export function faultList() {
  const errors: FieldError[] = []
  const rows = new Set<number>()
  return {
    add(row: number, column: string, code: string, message: string) {
      rows.add(row)
      if (errors.length < MAX_FAULTS) errors.push({ field: `row ${row}, ${column}`, code, message })
    },
    has: (row: number): boolean => rows.has(row),
    /** Throws Refusal 422 when anything is wrong. */
    refuse() {
      if (rows.size === 0) return
      const detail = `${rows.size} faulty row(s); nothing was imported.`
      throw new Refusal(422, 'invalid_csv', detail, { errors, more: { faulty_rows: rows.size } })
    },
  }
}

export type Faults = ReturnType<typeof faultList>

/** The rows of one product, and the product when there is one. */
export interface RowGroup {
  readonly rows: ImportRow[]
  readonly before: Product | null
}

export interface KnownProducts {
  readonly bySlug: ReadonlyMap<string, Product>
  /** Whoever has, or ever had, the SKU. */
  readonly bySku: ReadonlyMap<string, Product>
}

/**
 * Finds the product of each row: by its slug or, without one, by its SKU; what is not found is a new product for each
 * slug or, without one, name.
 */
export function groupRows(rows: readonly ImportRow[], known: KnownProducts, faults: Faults): RowGroup[] {
  const groups = new Map<string, RowGroup>()
  const seen = new Set<string>()
  for (const row of rows) {
    const { slug, sku, name } = row
    const owner = known.bySku.get(sku)
    const before = (slug ? known.bySlug.get(slug) : owner) ?? null
    if (seen.has(sku)) faults.add(row.row, 'sku', 'repeated', `${sku} is in this file twice`)
    seen.add(sku)
    if (owner && (owner !== before || !isForSale(owner, sku)))
      faults.add(row.row, 'sku', 'sku_taken', `${sku} is taken by another product, or retired`)
    if (slug && before?.status === 'retired')
      faults.add(row.row, 'slug', 'slug_taken', `${slug} belongs to a retired product`)
    const key = before ? before.id : slug ? `slug ${slug}` : `name ${name ?? `of row ${row.row}`}`
    const group = groups.get(key)
    if (group) group.rows.push(row)
    else groups.set(key, { rows: [row], before })
  }
  return [...groups.values()]
}

const isForSale = ({ status, variants }: Product, sku: string): boolean =>
  status !== 'retired' && variants.some((variant) => variant.sku === sku)

/** What a group of rows makes of its product: the fields that any row fills in; rows that contradict are faults. */
export function changesFrom({ rows, before }: RowGroup, categoryIds: ReadonlyMap<string, string>, faults: Faults) {
  const name = agreed(rows, 'name', faults)
  const slug = agreed(rows, 'slug', faults)
  const status = agreed(rows, 'status', faults)
  const description = agreed(rows, 'description', faults)
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
    ...(name === undefined ? {} : { name }),
    ...(slug === undefined ? {} : { slug }),
    ...(status === undefined ? {} : { status }),
    ...(description === undefined ? {} : { description }),
    ...(image_urls === undefined ? {} : { image_urls: [...image_urls] }),
    ...(slugs === undefined ? {} : { category_ids: slugs.flatMap((one) => categoryIds.get(one) ?? []) }),
    variants,
  } satisfies ProductChanges
}

type ProductField = 'name' | 'slug' | 'status' | 'description' | 'image_urls' | 'categories'

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
  const news = new Map(rows.map((row) => [row.sku, row]))
  const kept = (before?.variants ?? []).map((variant) => {
    const row = news.get(variant.sku)
    news.delete(variant.sku)
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
  const name = row?.variant_name ?? before?.name ?? ''
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
  }
}
