import { isCurrency } from '@mart/contracts/currencies'
import { toDecimal } from '@mart/contracts/money'
import { joinOptions, joinParts } from './csv-cells.ts'
import type { Product, Variant } from './product.ts'

export const productColumns = [
  'name',
  'name_ur',
  'slug',
  'description',
  'description_ur',
  'status',
  'categories',
  'image_urls',
] as const
export const variantColumns = ['sku', 'variant_name', 'variant_name_ur', 'options', 'max_quantity'] as const

const compact = (name: string): string => name.toLowerCase().replaceAll(/[\s_-]+/g, '')
const byCompactName = new Map(
  [...productColumns, ...variantColumns].map((column) => [compact(column), column as string]),
)

/** The column that a header cell means, however it is spaced and in whichever case; null when there is none such. */
export function columnNamed(cell: string): string | null {
  const name = compact(cell)
  const currency = /^price([a-z]{3})$/.exec(name)?.[1]?.toUpperCase() ?? ''
  return isCurrency(currency) ? `price_${currency}` : (byCompactName.get(name) ?? null)
}

/** What a file says of a variant and its product, by column; what is empty may be missing. */
export function cellsOf(
  product: Omit<Product, 'category_ids'>,
  { sku, name, options, prices, max_quantity, translations }: Variant,
  categorySlugs: readonly string[],
): Record<string, string> {
  return {
    name: product.name,
    name_ur: product.translations?.ur?.name ?? '',
    slug: product.slug,
    description: product.description,
    description_ur: product.translations?.ur?.description ?? '',
    status: product.status,
    categories: joinParts(categorySlugs),
    image_urls: joinParts(product.image_urls),
    sku,
    variant_name: name,
    variant_name_ur: translations?.ur?.name ?? '',
    options: joinOptions(options),
    max_quantity: max_quantity ? String(max_quantity) : '',
    ...Object.fromEntries(prices.map((price) => [`price_${price.currency}`, toDecimal(price)])),
  }
}
