import { RefundTaskDoneBody, RefundTaskShape, RefundTasksQuery } from '@mart/contracts/http/payment-shapes'
import { Page } from '@mart/contracts/http/shared-shapes'
import type { App } from '@mart/service-kit/http-server'
import { runIdempotently } from '@mart/service-kit/idempotency'
import { cursorFor, pageOf, readCursor } from '@mart/service-kit/pagination'
import { personOf } from '@mart/service-kit/people'
import type { Database } from '@mart/service-kit/postgres'
import { Type } from 'typebox'
import { listRefundTasks, readRefundTask } from './refund-task-queries.ts'
import { finishRefundTask, takeRefundTask } from './use-cases.ts'

/** Money that a person must send back: seen, taken and done by staff. */
export function addRefundTaskRoutes(app: App, db: Database): void {
  const onRequest = app.staffOnly
  const shared = { tags: ['refund tasks'], security: [{ bearer: [] }] }
  const params = Type.Object({ id: Type.String({ format: 'uuid' }) })

  app.get(
    '/refund-tasks',
    { onRequest, schema: { ...shared, querystring: RefundTasksQuery, response: { 200: Page(RefundTaskShape) } } },
    async ({ query: { state = 'open', order_id: orderId, limit = 20, cursor } }) => {
      const [afterId] = readCursor(cursor, ['uuid']) ?? [null]
      const rows = await listRefundTasks(db, { state, orderId, afterId: afterId as string | null, limit: limit + 1 })
      return pageOf(rows, limit, ({ id }) => cursorFor(id))
    },
  )

  app.post(
    '/refund-tasks/:id/take',
    { onRequest, schema: { ...shared, params, response: { 200: RefundTaskShape } } },
    (request, reply) =>
      runIdempotently({ db, request, reply, status: 200 }, async (tx) => {
        const { id } = request.params
        await takeRefundTask(tx, { id, by: personOf(request).id })
        return await readRefundTask(tx, id)
      }),
  )

  app.post(
    '/refund-tasks/:id/done',
    { onRequest, schema: { ...shared, params, body: RefundTaskDoneBody, response: { 200: RefundTaskShape } } },
    (request, reply) =>
      runIdempotently({ db, request, reply, status: 200 }, async (tx) => {
        const { id } = request.params
        await finishRefundTask(tx, { id, by: personOf(request).id, note: request.body.note })
        return await readRefundTask(tx, id)
      }),
  )
}
