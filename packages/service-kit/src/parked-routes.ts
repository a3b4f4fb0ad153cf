import { Nothing, Page, pageQuery, problems } from '@mart/contracts/http/shared-shapes'
import { Type } from 'typebox'
import type { HandlerTable } from './handlers.ts'
import type { App } from './http-server.ts'
import { cursorFor, pageOf, readCursor } from './pagination.ts'
import { dropParked, listParked, replayParked } from './parked.ts'
import { personOf } from './people.ts'
import type { Database } from './postgres.ts'

const Nullable = Type.Union([Type.String(), Type.Null()])
const ParkedMessage = Type.Object({
  id: Type.String(),
  topic: Type.String(),
  key: Type.String(),
  event: Type.Object({ id: Nullable, type: Nullable, data: Nullable }),
  error: Type.String(),
  since: Type.String(),
  blocked_behind_it: Type.Integer(),
})
const Note = Type.String({
  minLength: 1,
  maxLength: 1_000,
  pattern: '^[^\\x00]*$',
  'x-must': 'must have no NUL character',
})
const params = Type.Object({ id: Type.String({ format: 'uuid' }) })

/** What could not be processed: seen, replayed and dropped by staff. */
export function addParkedRoutes(app: App, db: Database, table: HandlerTable): void {
  const onRequest = app.staffOnly
  const tags = ['parked messages']

  app.get(
    '/parked',
    { onRequest, schema: { tags, querystring: Type.Object(pageQuery), response: { 200: Page(ParkedMessage) } } },
    async ({ query: { limit = 20, cursor } }) => {
      const [afterSeq] = readCursor(cursor, ['integer']) ?? [0]
      const rows = await listParked(db, { limit: limit + 1, afterSeq: Number(afterSeq) })
      return pageOf(rows, limit, (row) => cursorFor(row.seq))
    },
  )
  app.post(
    '/parked/:id/replay',
    { onRequest, schema: { tags, params, response: { 200: Type.Object({ replayed: Type.Integer() }) } } },
    ({ params: { id } }) => replayParked(db, table, id),
  )
  app.delete(
    '/parked/:id',
    {
      onRequest,
      schema: {
        tags,
        params,
        body: Type.Object({ note: Note }, { additionalProperties: false }),
        response: { 204: Nothing, ...problems(409) },
      },
    },
    async (request, reply) => {
      await dropParked(db, table, { id: request.params.id, by: personOf(request).id, note: request.body.note })
      return reply.code(204).send(null)
    },
  )
}
