import { StockAlertInput, StockAlertShape, StockAlertsQuery } from '@mart/contracts/http/notification-shapes'
import { Nothing, Page, problems } from '@mart/contracts/http/shared-shapes'
import type { App } from '@mart/service-kit/http-server'
import { cursorFor, pageOf, readCursor } from '@mart/service-kit/pagination'
import { personOf } from '@mart/service-kit/people'
import { type Database, inTransaction } from '@mart/service-kit/postgres'
import { listAlertsOf } from './stock-alert-queries.ts'
import { askForAlert } from './use-cases.ts'

const PER_MINUTE = 10

export function addStockAlertRoutes(app: App, db: Database): void {
  const tags = ['stock alerts']

  app.get(
    '/stock-alerts',
    {
      onRequest: app.signedIn,
      schema: {
        tags,
        summary: 'What one waits for oneself, and what is waited for at one’s proven address; the newest first',
        querystring: StockAlertsQuery,
        response: { 200: Page(StockAlertShape) },
      },
    },
    async (request) => {
      const { limit = 20, cursor } = request.query
      const [beforeId = null] = (readCursor(cursor, ['uuid']) ?? []) as string[]
      const rows = await listAlertsOf(db, personOf(request).id, { beforeId, limit: limit + 1 })
      const { items, next_cursor } = pageOf(rows, limit, ({ id }) => cursorFor(id))
      return { items: items.map((row) => ({ ...row, asked_at: row.asked_at.toISOString() })), next_cursor }
    },
  )

  app.post(
    '/stock-alerts',
    {
      onRequest: app.maybeSignedIn,
      config: { perAddressAndMinute: PER_MINUTE },
      schema: {
        tags,
        summary:
          'One mail there, once this can be bought again; 409 when it can be now. The answer is the same whether it was asked for before or not',
        body: StockAlertInput,
        response: { 204: Nothing, ...problems(409) },
      },
    },
    async (request, reply) => {
      const { person } = request
      const { sku, email, language = person?.language ?? 'en' } = request.body
      const personId = person?.id ?? null
      await inTransaction(db, (tx) => askForAlert(tx, { sku, email, language, personId }))
      return reply.code(204).send(null)
    },
  )
}
