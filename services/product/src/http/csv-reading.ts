import { createHash } from 'node:crypto'
import { parse } from 'csv-parse'
import { type Faults, faultList, type ImportRow } from '../import-rows.ts'
import { pauses } from '../pauses.ts'
import { readHeader, readRow, tooLarge } from './csv-row.ts'
import { openCsv } from './csv-text.ts'

export const MAX_CSV_BYTES = 20 * 1024 * 1024
const MAX_ROWS = 100_000
// As many as a spreadsheet has: some write all of them, with nothing but separators.
const MAX_EMPTY_ROWS = 1_048_576
const MAX_CELLS = 2_000_000
// A faulty quote may be followed by a fault for every other character of its piece.
const PIECE_BYTES = 2_048
const ROWS_PER_BATCH = 500
const CHARACTERS_PER_BATCH = 200_000

interface Reading {
  readonly charset: string | undefined
  /** Takes the next rows away. */
  readonly onRows: (rows: readonly ImportRow[]) => Promise<void>
}

/**
 * Reads a file row by row, in short pieces of work. What is wrong with a row is noted, and the reading goes on until
 * there are 100 faults. Throws Refusal 413 for a file beyond a limit, 422 for a header that is wrong.
 */
export async function readCsv(file: Buffer, reading: Reading): Promise<{ faults: Faults; digest: string }> {
  const digest = createHash('sha256')
  const faults = faultList()
  const sheet = sheetReader(faults, reading.onRows)
  const pause = pauses()
  let brokenRow = Number.POSITIVE_INFINITY
  const { separator, blocks } = openCsv(file, reading.charset)
  const parser = parse({
    delimiter: separator,
    record_delimiter: ['\r\n', '\n', '\r'],
    relax_column_count: true,
    max_record_size: 200_000,
    // Behind a quote in a wrong place nobody knows where a row ends: what stands before it is still read.
    skip_records_with_error: true,
    on_skip(error) {
      brokenRow = Math.min(brokenRow, Number(error?.['records']) + 1)
      return undefined
    },
  })
  const take = async (record: string[]) => {
    await pause()
    if (sheet.rows() + 1 < brokenRow && !faults.full()) await sheet.take(record, separator)
  }
  for (const block of blocks) {
    digest.update(block.bytes)
    for (const piece of piecesOf(block.text)) {
      parser.write(piece)
      for (let record = parser.read(); record; record = parser.read()) await take(record)
      await pause()
      if (Number.isFinite(brokenRow) || faults.full()) break
    }
    if (Number.isFinite(brokenRow) || faults.full()) break
  }
  parser.end()
  for await (const record of parser) await take(record)
  if (Number.isFinite(brokenRow) && !faults.full()) {
    const message =
      'a quote is not closed or stands in a wrong place, or the row has 200,000 characters; not read from here'
    faults.add(brokenRow, 'csv', 'malformed_csv', message)
  }
  await sheet.end()
  return { faults, digest: digest.digest('base64') }
}

function* piecesOf(text: string): Generator<Buffer> {
  const bytes = Buffer.from(text)
  for (let from = 0; from < bytes.length; from += PIECE_BYTES) yield bytes.subarray(from, from + PIECE_BYTES)
}

function sheetReader(faults: Faults, onRows: Reading['onRows']) {
  let header: string[] | undefined
  let batch: ImportRow[] = []
  let rows = 0
  let filledRows = 0
  let cells = 0
  let characters = 0

  async function flush() {
    if (batch.length > 0) await onRows(batch)
    batch = []
    characters = 0
  }

  return {
    rows: () => rows,
    async take(record: string[], separator: string) {
      rows += 1
      if (rows > MAX_EMPTY_ROWS) throw tooLarge('rows')
      const filled = record.map((cell) => cell.trim())
      const width = filled.findLastIndex((cell) => cell !== '') + 1
      if (width === 0) return
      cells += record.length
      if (cells > MAX_CELLS) throw tooLarge('cells')
      if (!header) {
        header = readHeader(rows, filled.slice(0, width), faults)
        return
      }
      filledRows += 1
      if (filledRows > MAX_ROWS) throw tooLarge('rows')
      if (record.length < header.length || width > header.length) {
        const seen = record.length < header.length ? record.length : width
        faults.add(rows, 'csv', 'malformed_csv', `has ${seen} cells where the header has ${header.length}`)
      }
      batch.push(readRow(rows, { header, cells: filled, decimalComma: separator === ';' }, faults))
      characters += record.reduce((sum, cell) => sum + cell.length, 0)
      if (batch.length >= ROWS_PER_BATCH || characters >= CHARACTERS_PER_BATCH) await flush()
    },
    async end() {
      if (!header && !faults.any()) faults.add(1, 'header', 'required', 'the file is empty')
      await flush()
    },
  }
}
