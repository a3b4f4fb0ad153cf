import { ProviderEventShape, ProviderEventsQuery } from '@mart/contracts/http/provider-event-shapes'
import { Page } from '@mart/contracts/http/shared-shapes'
import type { App } from '@mart/service-kit/http-server'
import { runIdempotently } from '@mart/service-kit/idempotency'
import type { Logger } from '@mart/service-kit/logger'
import { cursorFor, pageOf, readCursor } from '@mart/service-kit/pagination'
import { personOf } from '@mart/service-kit/people'
import type { Database } from '@mart/service-kit/postgres'
import { Type } from 'typebox'
import { alarmsIn, updateRecords } from '../use-cases/record-update.ts'
import { listProviderEvents, readProviderEvent } from './provider-event-queries.ts'
import { replayEvent } from './use-cases.ts'

/** What the providers told us and what came of it, for staff. */
export function addProviderEventRoutes(app: App, { db, logger }: { db: Database; logger: Logger }): void {
  const onRequest = app.staffOnly
  const shared = { tags: ['provider events'], security: [{ bearer: [] }] }
  const params = Type.Object({ id: Type.String({ format: 'uuid' }) })

  app.get(
    '/provider-events',
    { onRequest, schema: { ...shared, querystring: ProviderEventsQuery, response: { 200: Page(ProviderEventShape) } } },
    async ({ query: { payment_id: paymentId, provider, outcome, limit = 20, cursor } }) => {
      const [beforeId] = readCursor(cursor, ['uuid']) ?? [null]
      const wanted = { paymentId, provider, outcome, beforeId: beforeId as string | null, limit: limit + 1 }
      return pageOf(await listProviderEvents(db, wanted), limit, ({ id }) => cursorFor(id))
    },
  )

  app.post(
    '/provider-events/:id/replay',
    { onRequest, schema: { ...shared, params, response: { 200: ProviderEventShape } } },
    (request, reply) =>
      runIdempotently({ db, request, reply, status: 200 }, async (tx) => {
        const { id } = request.params
        const told = await replayEvent(tx, { id, by: personOf(request).id })
        for (const alarm of told ? alarmsIn(await updateRecords(tx, [told])) : [])
          logger.error({ provider_event: id }, alarm)
        return await readProviderEvent(tx, id)
      }),
  )
}
