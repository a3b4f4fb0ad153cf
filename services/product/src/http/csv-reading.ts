import { createHash } from 'node:crypto'
import type { Readable } from 'node:stream'
import { pipeline } from 'node:stream/promises'
import { NewProduct, NewVariant, Slug } from '@mart/contracts/http/product-shapes'
import { Refusal } from '@mart/service-kit/errors'
import { parse } from 'csv-parse'
import { Type } from 'typebox'
import { Compile } from 'typebox/compile'
import { amountFrom, plainCell, splitOptions, splitParts } from '../csv-cells.ts'
import { type Faults, faultList, type ImportFile, type ImportRow } from '../import-rows.ts'

export const MAX_CSV_BYTES = 20 * 1024 * 1024

export const productColumns = ['name', 'slug', 'description', 'status', 'categories', 'image_urls'] as const
export const variantColumns = ['sku', 'variant_name', 'options'] as const
const columns: readonly string[] = [...productColumns, ...variantColumns]

const { name, description, status, image_urls } = NewProduct.properties
const cells = Compile(
  Type.Object({
    name: Type.Optional(name),
    slug: Type.Optional(Slug),
    description,
    status,
    categories: Type.Optional(Type.Array(Slug, { maxItems: 20, uniqueItems: true })),
    image_urls,
    sku: NewVariant.properties.sku,
    variant_name: Type.Optional(NewVariant.properties.name),
    options: NewVariant.properties.options,
  }),
)

/** Reads a file as it arrives. What is wrong with a row is noted, and the reading goes on. */
export async function readCsv(body: Readable): Promise<ImportFile & { digest: string }> {
  const digest = createHash('sha256')
  const faults = faultList()
  const rows: ImportRow[] = []
  let header: string[] | undefined
  let row = 0
  let brokenRow = Number.POSITIVE_INFINITY
  const parser = parse({
    bom: true,
    relax_column_count: true,
    max_record_size: 200_000,
    // Behind a quote in a wrong place nobody knows where a row ends: what stands before it is still read.
    skip_records_with_error: true,
    on_skip(error) {
      brokenRow = Math.min(brokenRow, Number(error?.['records']) + 1)
      return undefined
    },
  })
  await pipeline(bytesOf(body, digest.update.bind(digest)), parser, async (records) => {
    for await (const record of records as AsyncIterable<string[]>) {
      row += 1
      if (row >= brokenRow || (record.length === 1 && record[0] === '')) continue
      if (header) rows.push(readRow(row, header, record, faults))
      else header = readHeader(record, faults)
    }
  })
  if (Number.isFinite(brokenRow))
    faults.add(
      brokenRow,
      'csv',
      'malformed_csv',
      'a quote is not closed, or stands in a wrong place; not read from here',
    )
  if (!header) faults.add(1, 'header', 'required', 'the file is empty')
  return { rows, faults, digest: digest.digest('base64') }
}

/** Leaves the request itself open when the reading ends early, or the answer could not be sent. */
async function* bytesOf(body: Readable, onBytes: (chunk: Buffer) => void): AsyncGenerator<Buffer> {
  let length = 0
  for await (const chunk of body.iterator({ destroyOnReturn: false }) as AsyncIterable<Buffer>) {
    length += chunk.length
    if (length > MAX_CSV_BYTES) throw new Refusal(413, 'body_too_large', 'A CSV file may have 20 MB.')
    onBytes(chunk)
    yield chunk
  }
}

/** Throws Refusal 422 for a header that is wrong: every row would be. */
function readHeader(record: readonly string[], faults: Faults): string[] {
  const header = record.map((cell) => cell.trim())
  header.forEach((column, index) => {
    if (!columns.includes(column) && !/^price_[A-Z]{3}$/.test(column))
      faults.add(1, column || `column ${index + 1}`, 'unknown_field', 'is not a known column')
    if (header.indexOf(column) !== index) faults.add(1, column, 'repeated', 'is there twice')
  })
  if (!header.includes('sku')) faults.add(1, 'sku', 'required', 'is missing')
  faults.refuse()
  return header
}

function readRow(row: number, header: readonly string[], record: readonly string[], faults: Faults): ImportRow {
  const read: Record<string, unknown> = {}
  const prices: Record<string, number | null> = {}
  if (record.length !== header.length)
    faults.add(row, 'csv', 'malformed_csv', `has ${record.length} cells where the header has ${header.length}`)
  header.forEach((column, index) => {
    const cell = plainCell(record[index] ?? '')
    if (cell.includes('\ufffd')) faults.add(row, column, 'encoding', 'is not UTF-8')
    if (column.startsWith('price_')) prices[column.slice(-3)] = readPrice(row, column, cell, faults)
    else if (column === 'categories' || column === 'image_urls') read[column] = splitParts(cell)
    else if (column === 'options') read[column] = readOptions(row, cell, faults)
    else if (column === 'description' || column === 'sku' || cell !== '') read[column] = cell
  })
  for (const { instancePath, keyword, message } of cells.Check(read) ? [] : cells.Errors(read)) {
    const column = instancePath.split('/')[1] ?? 'csv'
    faults.add(row, column, keyword, message)
    delete read[column]
  }
  // A faulty row goes along, so that the other rows of its product are judged with it; it needs some SKU for that.
  return { sku: `of row ${row}`, ...(read as Partial<ImportRow>), row, faulty: faults.has(row), prices }
}

function readPrice(row: number, column: string, cell: string, faults: Faults): number | null {
  if (cell === '') return null
  const amount = amountFrom(cell, column.slice(-3))
  if (amount === null)
    faults.add(row, column, 'amount', `"${cell.slice(0, 40)}" is no amount like 899.50 of at most 10^12 minor units`)
  return amount
}

function readOptions(row: number, cell: string, faults: Faults): Record<string, string> {
  const options = splitOptions(cell)
  if (!options) faults.add(row, 'options', 'options', 'must be like size=450 g;colour=red, each option once')
  return options ?? {}
}
