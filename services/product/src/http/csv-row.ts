import { NewProduct, NewVariant, Slug } from '@mart/contracts/http/product-shapes'
import { Refusal } from '@mart/service-kit/errors'
import { Type } from 'typebox'
import { Compile } from 'typebox/compile'
import { amountFrom, plainCell, splitOptions, splitParts } from '../csv-cells.ts'
import { columnNamed } from '../csv-columns.ts'
import type { Faults, ImportRow } from '../import-rows.ts'

const MAX_COLUMNS = 200
const MAX_CELL_LENGTH = 50_000
const MAX_PARTS = 20

const { name, description, status, image_urls } = NewProduct.properties
const shapes = {
  name: Compile(name),
  name_ur: Compile(name),
  slug: Compile(Slug),
  description: Compile(description),
  description_ur: Compile(description),
  status: Compile(status),
  categories: Compile(Type.Array(Slug, { maxItems: MAX_PARTS, uniqueItems: true })),
  image_urls: Compile(image_urls),
  sku: Compile(NewVariant.properties.sku),
  variant_name: Compile(NewVariant.properties.name),
  variant_name_ur: Compile(NewVariant.properties.name),
  options: Compile(NewVariant.properties.options),
  max_quantity: Compile(NewVariant.properties.max_quantity),
}
type Column = keyof typeof shapes

/** Refusal 413 that says all limits of a file. */
export function tooLarge(what: 'rows' | 'columns' | 'cells'): Refusal {
  const limits = `${MAX_COLUMNS} columns, 100,000 rows with something in them, and 2,000,000 cells`
  return new Refusal(413, 'csv_too_large', `A CSV file may have 20 MB, ${limits}: this one has more ${what}.`)
}

/** Throws Refusal 422 for a header that is wrong: every row would be. */
export function readHeader(row: number, cells: readonly string[], faults: Faults): string[] {
  if (cells.length > MAX_COLUMNS) throw tooLarge('columns')
  const seen = new Set<string>()
  const header = cells.map((cell, index) => {
    const column = columnNamed(cell)
    const shown = column ?? (cell.slice(0, 40) || `column ${index + 1}`)
    if (cell.includes('\ufffd')) faults.add(row, shown, 'encoding', NO_UTF_8)
    else if (!column) faults.add(row, shown, 'unknown_field', 'is not a known column')
    if (column && seen.has(column)) faults.add(row, column, 'repeated', 'is there twice')
    seen.add(shown)
    return shown
  })
  if (!seen.has('sku')) faults.add(row, 'sku', 'required', 'is missing')
  faults.refuse()
  return header
}

interface Cells {
  readonly header: readonly string[]
  readonly cells: readonly string[]
  /** A spreadsheet that separates by `;` does so because its decimals have a comma. */
  readonly decimalComma: boolean
}

const NO_UTF_8 =
  'is not UTF-8: save the file as “CSV UTF-8”, or say how it is written, as in content-type: text/csv; charset=windows-1252'

export function readRow(row: number, { header, cells, decimalComma }: Cells, faults: Faults): ImportRow {
  const read: Record<string, unknown> = {}
  const prices: Record<string, number | null> = {}
  header.forEach((column, index) => {
    const cell = plainCell(cells[index] ?? '')
    if (cell.length > MAX_CELL_LENGTH)
      faults.add(row, column, 'maxLength', `has more than ${MAX_CELL_LENGTH} characters`)
    else if (cell.includes('\ufffd')) faults.add(row, column, 'encoding', NO_UTF_8)
    else if (column.startsWith('price_'))
      prices[column.slice(-3)] = readPrice(
        row,
        column,
        decimalComma ? cell.replace(/^(\d+),(\d\d?)$/, '$1.$2') : cell,
        faults,
      )
    else {
      const value = meaningOf(column as Column, cell)
      const fault = value === undefined ? null : faultIn(column as Column, value)
      if (fault) faults.add(row, column, fault.code, fault.message)
      else if (value !== undefined) read[column] = value
    }
  })
  // A faulty row goes along, so that the other rows of its product are judged with it; it needs some SKU for that.
  return { sku: `?${row}`, ...(read as Partial<ImportRow>), row, faulty: faults.has(row), prices }
}

/** What a cell says; undefined when it says nothing. */
function meaningOf(column: Column, cell: string): unknown {
  if (column === 'categories' || column === 'image_urls') return splitParts(cell)
  if (column === 'options') return splitOptions(cell)
  if (column === 'max_quantity') return /^\d{1,6}$/.test(cell) ? Number(cell) : cell || null
  return column === 'description' || column === 'sku' || isTranslation(column) || cell !== '' ? cell : undefined
}

const isTranslation = (column: Column): boolean => column.endsWith('_ur')

function faultIn(column: Column, value: unknown): { code: string; message: string } | null {
  if (column === 'options' && value === null)
    return { code: 'options', message: 'must be like size=450 g;colour=red, each option once' }
  if (Array.isArray(value) && value.length > MAX_PARTS)
    return { code: 'maxItems', message: `has more than ${MAX_PARTS} parts` }
  const shape = shapes[column]
  if (shape.Check(value) || (value === '' && isTranslation(column))) return null
  const [fault] = shape.Errors(value)
  return { code: fault?.keyword ?? 'type', message: mustOf(shape.Type(), fault) ?? fault?.message ?? 'is wrong' }
}

/** What the schema says of its pattern, as the other doors tell it. */
function mustOf(schema: object, fault: { keyword: string; schemaPath: string } | undefined): string | undefined {
  if (fault?.keyword !== 'pattern') return undefined
  const path = fault.schemaPath.split('/').slice(1)
  const at = path.reduce<unknown>((part, name) => (part as Record<string, unknown>)[name], schema)
  return (at as { 'x-must'?: string })['x-must']
}

function readPrice(row: number, column: string, cell: string, faults: Faults): number | null {
  if (cell === '') return null
  const amount = amountFrom(cell, column.slice(-3))
  if (amount === null)
    faults.add(row, column, 'amount', `"${cell.slice(0, 40)}" is no amount like 899.50 of at most 10^12 minor units`)
  return amount
}
