import { ReconciliationShape } from '@mart/contracts/http/reconciliation-shapes'
import { Page, pageQuery } from '@mart/contracts/http/shared-shapes'
import type { App } from '@mart/service-kit/http-server'
import { runIdempotently } from '@mart/service-kit/idempotency'
import { cursorFor, pageOf, readCursor } from '@mart/service-kit/pagination'
import { personOf } from '@mart/service-kit/people'
import type { Database } from '@mart/service-kit/postgres'
import { Type } from 'typebox'
import { listReconciliations } from './reconciliation-queries.ts'
import { requestReconciliation } from './use-cases.ts'

/** What came out when the providers' records were laid beside ours, for staff. */
export function addReconciliationRoutes(app: App, db: Database): void {
  const onRequest = app.staffOnly
  const shared = { tags: ['reconciliations'], security: [{ bearer: [] }] }

  app.get(
    '/reconciliations',
    {
      onRequest,
      schema: { ...shared, querystring: Type.Object(pageQuery), response: { 200: Page(ReconciliationShape) } },
    },
    async ({ query: { limit = 20, cursor } }) => {
      const [beforeId] = readCursor(cursor, ['uuid']) ?? [null]
      const rows = await listReconciliations(db, { beforeId: beforeId as string | null, limit: limit + 1 })
      return pageOf(rows, limit, ({ id }) => cursorFor(id))
    },
  )

  app.post(
    '/reconciliations',
    {
      onRequest,
      schema: { ...shared, response: { 202: Type.Object({ id: Type.String({ format: 'uuid' }) }) } },
    },
    (request, reply) =>
      runIdempotently({ db, request, reply, status: 202 }, async (tx) => ({
        id: await requestReconciliation(tx, personOf(request).id),
      })),
  )
}
