import { Readable } from 'node:stream'
import { ImportQuery, ImportResult } from '@mart/contracts/http/import-shapes'
import { problems } from '@mart/contracts/http/shared-shapes'
import { Refusal } from '@mart/service-kit/errors'
import type { App, FastifyReply, FastifyRequest } from '@mart/service-kit/http-server'
import { runIdempotently } from '@mart/service-kit/idempotency'
import { newId } from '@mart/service-kit/ids'
import { type Database, inTransaction } from '@mart/service-kit/postgres'
import type { Service } from '@mart/service-kit/start-service'
import { stringify } from 'csv-stringify/sync'
import { Type } from 'typebox'
import { EVERYTHING } from '../category.ts'
import type { Config } from '../config.ts'
import { safeCell } from '../csv-cells.ts'
import { cellsOf, productColumns, variantColumns } from '../csv-columns.ts'
import { pauses } from '../pauses.ts'
import { currenciesInUse, productsForExport } from '../product-queries.ts'
import { importProducts } from '../use-cases/import-products.ts'
import { stageRows, unstageRows } from '../use-cases/stage-import.ts'
import { MAX_CSV_BYTES, readCsv } from './csv-reading.ts'
import { encodingNamed } from './csv-text.ts'

const PRODUCTS_PER_QUERY = 50
const FILES_AT_ONCE = 4
const csvFile: Record<number, object> = {
  200: { description: 'the file', content: { 'text/csv': { schema: Type.String() } } },
}
const tags = ['products']

export async function addCsvRoutes(app: App, { db }: Service<Config>): Promise<void> {
  app.get(
    '/products/export.csv',
    {
      onRequest: app.staffOnly,
      schema: {
        tags,
        description: 'Every product that is not retired, a row per variant.',
        response: csvFile,
      },
    },
    (_, reply) =>
      reply
        .type('text/csv; charset=utf-8')
        .header('content-disposition', 'attachment; filename="products.csv"')
        .send(Readable.from(exportedLines(db))),
  )

  // In a scope of its own, or every route would take CSV.
  await app.register(async (scope: App) => {
    const types = ['text/csv', 'text/tab-separated-values']
    scope.addContentTypeParser(types, { parseAs: 'buffer', bodyLimit: MAX_CSV_BYTES }, (_, body, done) =>
      done(null, body),
    )
    scope.post(
      '/products/import',
      {
        onRequest: [app.staffOnly, fewAtOnce()],
        bodyLimit: MAX_CSV_BYTES,
        schema: {
          tags,
          consumes: types,
          querystring: ImportQuery,
          description:
            'A row per variant; all of the file is taken, or nothing. Up to 20 MB, 200 columns, 100,000 rows with something in ' +
            'them and 2,000,000 cells; separated by commas, semicolons or tabs; UTF-8, UTF-16, or as its charset says. The ' +
            'first 100 faults are told.',
          response: { 200: ImportResult, ...problems(413, 415, 422) },
        },
      },
      async (request, reply) => {
        const { dry_run: dryRun = false, similar_skus = 'skip' } = request.query
        const id = newId()
        try {
          const { faults, digest } = await readFile(db, request, id)
          if (faults.full()) faults.refuse()
          const file = { id, faults, dryRun, createSimilar: similar_skus === 'create' }
          if (dryRun) return await inTransaction(db, (tx) => importProducts(tx, file))
          request.body = { digest, similar_skus }
          return await runIdempotently({ db, request, reply, status: 200 }, (tx) => importProducts(tx, file))
        } finally {
          await inTransaction(db, (tx) => unstageRows(tx, id))
        }
      },
    )
  })
}

/** Files are held in memory while they are read, so only a few may be. */
function fewAtOnce() {
  let files = 0
  return async (_: FastifyRequest, reply: FastifyReply) => {
    if (files >= FILES_AT_ONCE)
      throw new Refusal(429, 'too_many_imports', `${files} files are being imported: try again later.`, {
        headers: { 'retry-after': '10' },
      })
    files += 1
    reply.raw.once('close', () => {
      files -= 1
    })
  }
}

async function readFile(db: Database, { body, headers }: Pick<FastifyRequest, 'body' | 'headers'>, id: string) {
  if (!Buffer.isBuffer(body)) throw new Refusal(415, 'unsupported_media_type', 'Send the file itself, as text/csv.')
  const [, charset] = /;\s*charset="?([^\s";]+)/i.exec(headers['content-type'] ?? '') ?? []
  return await readCsv(body, {
    charset: charset && encodingNamed(charset),
    onRows: (rows) => inTransaction(db, (tx) => stageRows(tx, id, rows)),
  })
}

/** Page by page, so that a slow reader holds neither a connection nor the catalogue in memory. */
async function* exportedLines(db: Database): AsyncGenerator<string> {
  const currencies = await currenciesInUse(db)
  const columns = [...productColumns, ...variantColumns, ...currencies.map((one) => `price_${one}`)]
  yield `${columns.join(',')}\n`
  const pause = pauses()
  let after = EVERYTHING
  while (true) {
    const products = await productsForExport(db, after, PRODUCTS_PER_QUERY)
    for (const product of products) {
      const rows = product.variants.map((variant) => {
        const cells = cellsOf(product, variant, product.category_slugs)
        return columns.map((column) => safeCell(cells[column] ?? ''))
      })
      yield stringify(rows, { quoted_string: true })
      await pause()
    }
    const last = products.at(-1)
    if (!last) return
    after = last.id
  }
}
