import type { ImportResult } from '@mart/contracts/http/import-shapes'
import { skuKey } from '@mart/contracts/sku'
import { cellsOf, productColumns } from './csv-columns.ts'
import type { FoundRow } from './import-rows.ts'
import { addedSkus, type Product } from './product.ts'

const MAX_ROWS_TOLD = 1_000
const MAX_WARNINGS = 100
const MAX_CELL_TOLD = 200

/** What the rows of one product make of it. */
export interface Change {
  readonly before: Product | null
  readonly after: Product
  readonly rows: readonly FoundRow[]
}

type ToldRow = NonNullable<ImportResult['rows']>[number]

/** Counts what an import does, and for a dry run tells it row by row, as far as 1,000 rows. */
export function importReport({ dryRun }: { dryRun: boolean }) {
  const counts = {
    products_created: 0,
    products_updated: 0,
    products_unchanged: 0,
    variants_created: 0,
    variants_updated: 0,
    rows_skipped: 0,
  }
  const warnings: ImportResult['warnings'] = []
  const rows: ToldRow[] = []
  let left = 0

  return {
    skip({ content: { row, sku }, similar_sku }: FoundRow) {
      counts.rows_skipped += 1
      const message = `${sku} is not there, but ${similar_sku} is, and a spreadsheet drops such zeros: left out. To add it all the same, import with similar_skus=create.`
      if (warnings.length < MAX_WARNINGS) warnings.push({ row, sku, code: 'similar_sku', message })
    },
    add(change: Change, slugOf: (categoryId: string) => string) {
      const { before, after } = change
      counts[before === null ? 'products_created' : before === after ? 'products_unchanged' : 'products_updated'] += 1
      counts.variants_created += addedSkus(before, after).length
      counts.variants_updated += updatedVariants(change)
      if (!dryRun || before === after) return
      for (const row of toldRows(change, slugOf)) {
        if (rows.length < MAX_ROWS_TOLD) rows.push(row)
        else left += 1
      }
    },
    result: (): ImportResult => ({
      dry_run: dryRun,
      ...counts,
      warnings,
      ...(dryRun ? { rows, rows_left_out: left } : {}),
    }),
  }
}

function updatedVariants({ before, after }: Change): number {
  if (before === after) return 0
  const old = new Map(before?.variants.map((variant) => [variant.sku, JSON.stringify(variant)]))
  return after.variants.filter(
    ({ sku }, index) => old.has(sku) && old.get(sku) !== JSON.stringify(after.variants[index]),
  ).length
}

/** The rows that change something. What they change of the product itself is told with the first. */
function toldRows({ before, after, rows }: Change, slugOf: (categoryId: string) => string): ToldRow[] {
  const cells = (product: Product | null, key: string) => {
    const variant = product?.variants.find((one) => skuKey(one.sku) === key)
    return product && variant ? cellsOf(product, variant, product.category_ids.map(slugOf)) : undefined
  }
  return rows.flatMap(({ content: { row, sku } }, index): ToldRow[] => {
    const old = cells(before, skuKey(sku))
    const now = cells(after, skuKey(sku)) ?? {}
    const hidden: ReadonlySet<string> = index > 0 ? new Set(productColumns) : new Set()
    if (!old) return [{ row, sku, product: after.slug, change: 'created', fields: [] }]
    const fields = [...new Set([...Object.keys(old), ...Object.keys(now)])]
      .filter((column) => !hidden.has(column) && (old[column] ?? '') !== (now[column] ?? ''))
      .map((column) => ({ column, before: cut(old[column]), after: cut(now[column]) }))
    return fields.length > 0 ? [{ row, sku, product: after.slug, change: 'updated', fields }] : []
  })
}

const cut = (cell = ''): string =>
  cell.length <= MAX_CELL_TOLD ? cell : `${[...cell].slice(0, MAX_CELL_TOLD).join('')}…`
