import { OrderHistory, OrderShape, OrderStatus } from '@mart/contracts/http/order-shapes'
import { Page, pageQuery } from '@mart/contracts/http/shared-shapes'
import { notFound } from '@mart/service-kit/errors'
import type { App, FastifyRequest } from '@mart/service-kit/http-server'
import { cursorFor, pageOf, readCursor } from '@mart/service-kit/pages'
import { isStaff, personOf } from '@mart/service-kit/people'
import type { Database } from '@mart/service-kit/postgres'
import { Type } from 'typebox'
import type { Order } from '../order.ts'
import { findOrder, historyOf, listOrders } from '../order-queries.ts'
import { viewOf } from '../order-view.ts'

export const orderParams = Type.Object({ id: Type.String({ format: 'uuid' }) })

/** The order that the path names, if it is his or he is staff. Throws Refusal 404 otherwise: not even that it exists is told. */
export async function orderFor(db: Database, request: FastifyRequest<{ Params: { id: string } }>): Promise<Order> {
  const person = personOf(request)
  const order = await findOrder(db, request.params.id)
  if (!order || (order.customer_id !== person.id && !isStaff(person))) throw notFound('order')
  return order
}

const listQuery = Type.Object(
  {
    ...pageQuery,
    status: Type.Optional(OrderStatus),
    customer: Type.Optional(Type.String({ format: 'uuid', description: 'staff only' })),
  },
  { additionalProperties: false },
)

export function addReadingRoutes(app: App, db: Database): void {
  const onRequest = app.signedIn
  const shared = { tags: ['orders'], security: [{ bearer: [] }] }

  app.get(
    '/orders',
    { onRequest, schema: { ...shared, querystring: listQuery, response: { 200: Page(OrderShape) } } },
    async (request) => {
      const person = personOf(request)
      const { status, customer, cursor, limit = 20 } = request.query
      const customerId = isStaff(person) ? customer : person.id
      const [before] = readCursor(cursor, ['uuid']) ?? []
      const orders = await listOrders(db, {
        customerId,
        status,
        before: before as string | undefined,
        limit: limit + 1,
      })
      const page = pageOf(orders, limit, (order) => cursorFor(order.id))
      return { ...page, items: page.items.map(viewOf) }
    },
  )

  app.get(
    '/orders/:id',
    { onRequest, schema: { ...shared, params: orderParams, response: { 200: OrderShape } } },
    async (request) => viewOf(await orderFor(db, request)),
  )

  app.get(
    '/orders/:id/history',
    { onRequest, schema: { ...shared, params: orderParams, response: { 200: OrderHistory } } },
    async (request) => {
      const order = await orderFor(db, request)
      const rows = await historyOf(db, order.id)
      return {
        items: rows.map(({ n, status, what, reason, cause_event_id, cause_type, at }) => ({
          n,
          status: status as Order['status'],
          what,
          at: at.toISOString(),
          ...(reason ? { reason } : {}),
          cause: cause_event_id && cause_type ? { event_id: cause_event_id, type: cause_type } : null,
        })),
      }
    },
  )
}
