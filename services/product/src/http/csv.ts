import { Readable } from 'node:stream'
import { ImportResult } from '@mart/contracts/http/product-shapes'
import { problems } from '@mart/contracts/http/shared-shapes'
import { toDecimal } from '@mart/contracts/money'
import { Refusal } from '@mart/service-kit/errors'
import type { App } from '@mart/service-kit/http-server'
import { doOnce } from '@mart/service-kit/idempotency'
import type { Database } from '@mart/service-kit/postgres'
import type { Service } from '@mart/service-kit/start-service'
import { stringify } from 'csv-stringify/sync'
import { Type } from 'typebox'
import { EVERYTHING } from '../category.ts'
import type { Config } from '../config.ts'
import { joinOptions, joinParts, safeCell } from '../csv-cells.ts'
import { currenciesInUse, type ProductForExport, productsForExport } from '../product-queries.ts'
import { importProducts } from '../use-cases/import-products.ts'
import { MAX_CSV_BYTES, productColumns, readCsv, variantColumns } from './csv-reading.ts'

const PRODUCTS_PER_QUERY = 500
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
  await app.register(async (scope) => {
    scope.addContentTypeParser('text/csv', { bodyLimit: MAX_CSV_BYTES }, (_, body, done) => done(null, body))
    scope.post(
      '/products/import',
      {
        onRequest: app.staffOnly,
        schema: {
          tags,
          consumes: ['text/csv'],
          description: 'A row per variant; all of the file is taken, or nothing.',
          response: { 200: ImportResult, ...problems(413, 415, 422) },
        },
      },
      async (request, reply) => {
        if (!(request.body instanceof Readable))
          throw new Refusal(415, 'unsupported_media_type', 'Send the file itself, as text/csv.')
        // Read before the transaction, so that a slow sender does not keep it open.
        const { digest, ...file } = await readCsv(request.body)
        request.body = { digest }
        return await doOnce({ db, request, reply, status: 200 }, (tx) => importProducts(tx, file))
      },
    )
  })
}

/** Page by page, so that a slow reader holds neither a connection nor the catalogue in memory. */
async function* exportedLines(db: Database): AsyncGenerator<string> {
  const currencies = await currenciesInUse(db)
  yield `${[...productColumns, ...variantColumns, ...currencies.map((one) => `price_${one}`)].join(',')}\n`
  let after = EVERYTHING
  while (true) {
    const products = await productsForExport(db, after, PRODUCTS_PER_QUERY)
    const last = products.at(-1)
    if (!last) return
    yield stringify(
      products.flatMap((product) => rowsOf(product, currencies)),
      { quoted_string: true },
    )
    after = last.id
  }
}

const rowsOf = (product: ProductForExport, currencies: readonly string[]): string[][] =>
  product.variants.map(({ sku, name, options, prices }) =>
    [
      product.name,
      product.slug,
      product.description,
      product.status,
      joinParts(product.category_slugs),
      joinParts(product.image_urls),
      sku,
      name,
      joinOptions(options),
      ...currencies.map((currency) => {
        const price = prices.find((one) => one.currency === currency)
        return price ? toDecimal(price) : ''
      }),
    ].map(safeCell),
  )
