import {
  AdjustedShape,
  AdjustmentBody,
  LowStockAtBody,
  MovementShape,
  MovementsQuery,
  ReservationShape,
  ReservationsQuery,
  SkuParams,
  StockQuery,
  StockShape,
} from '@mart/contracts/http/inventory-shapes'
import { Page } from '@mart/contracts/http/shared-shapes'
import type { App } from '@mart/service-kit/http-server'
import { runIdempotently } from '@mart/service-kit/idempotency'
import { cursorFor, pageOf, readCursor } from '@mart/service-kit/pagination'
import { personOf } from '@mart/service-kit/people'
import { inTransaction, type Queryable } from '@mart/service-kit/postgres'
import type { Service } from '@mart/service-kit/start-service'
import type { Config } from './config.ts'
import { unknownSku } from './stock.ts'
import { findStock, listMovements, listReservations, listStock } from './stock-queries.ts'
import { adjustStock } from './use-cases/adjust-stock.ts'
import { setLowStock } from './use-cases/set-low-stock.ts'

export function addRoutes(app: App, { db }: Service<Config>): void {
  const staff = { onRequest: app.staffOnly }
  const tags = ['stock']

  app.get(
    '/stock',
    { ...staff, schema: { tags, querystring: StockQuery, response: { 200: Page(StockShape) } } },
    async ({ query: { below_low: belowLow = false, limit = 20, cursor } }) => {
      const [afterSku] = readCursor(cursor, ['string']) ?? ['']
      const rows = await listStock(db, { belowLow, afterSku: String(afterSku), limit: limit + 1 })
      return pageOf(rows, limit, (row) => cursorFor(row.sku))
    },
  )

  app.get('/stock/:sku', { ...staff, schema: { tags, params: SkuParams, response: { 200: StockShape } } }, (request) =>
    stockOf(db, request.params.sku),
  )

  app.patch(
    '/stock/:sku',
    { ...staff, schema: { tags, params: SkuParams, body: LowStockAtBody, response: { 200: StockShape } } },
    ({ params, body: { low_stock_at } }) =>
      inTransaction(db, async (tx) => {
        const { sku } = await stockOf(tx, params.sku)
        await setLowStock(tx, { sku, low_stock_at })
        return await stockOf(tx, sku)
      }),
  )

  app.post(
    '/stock/:sku/adjustments',
    { ...staff, schema: { tags, params: SkuParams, body: AdjustmentBody, response: { 201: AdjustedShape } } },
    (request, reply) =>
      runIdempotently({ db, request, reply, status: 201 }, async (tx) => {
        const { sku } = await stockOf(tx, request.params.sku)
        const movement = await adjustStock(tx, { sku, adjustment: request.body, by: personOf(request).id })
        return { movement, stock: await stockOf(tx, sku) }
      }),
  )

  app.get(
    '/stock/:sku/movements',
    {
      ...staff,
      schema: { tags, params: SkuParams, querystring: MovementsQuery, response: { 200: Page(MovementShape) } },
    },
    async ({ params, query: { limit = 20, cursor } }) => {
      const [beforeSeq] = readCursor(cursor, ['integer']) ?? [null]
      const { sku } = await stockOf(db, params.sku)
      const rows = await listMovements(db, { sku, beforeSeq: beforeSeq as number | null, limit: limit + 1 })
      return pageOf(rows, limit, (row) => cursorFor(row.seq))
    },
  )

  app.get(
    '/reservations',
    { ...staff, schema: { tags, querystring: ReservationsQuery, response: { 200: Page(ReservationShape) } } },
    async ({ query: { sku, order_id: orderId, limit = 20, cursor } }) => {
      const place = readCursor(cursor, ['uuid', 'string'])
      const behind = place && { orderId: String(place[0]), sku: String(place[1]) }
      const rows = await listReservations(db, { sku, orderId, behind, limit: limit + 1 })
      return pageOf(rows, limit, (row) => cursorFor(row.order_id, row.sku))
    },
  )
}

/** The stock of a SKU in any case, as its merchant writes it. Throws Refusal 404 unknown_sku. */
async function stockOf(db: Queryable, sku: string): Promise<StockShape> {
  const stock = await findStock(db, sku)
  if (!stock) throw unknownSku(sku)
  return stock
}
