import { OrderHistory, OrderShape } from '@mart/contracts/http/order-shapes'
import { notFound } from '@mart/service-kit/errors'
import type { App, FastifyRequest } from '@mart/service-kit/http-server'
import { isUuid } from '@mart/service-kit/ids'
import { addToLog } from '@mart/service-kit/logger'
import { isStaff, personOf } from '@mart/service-kit/people'
import type { Database, Queryable } from '@mart/service-kit/postgres'
import { Type } from 'typebox'
import { historyLine } from '../history-view.ts'
import type { Order } from '../order.ts'
import { findOrder, historyOf } from '../order-queries.ts'
import { viewOf } from '../order-view.ts'

const OrderNumber = Type.String({ pattern: '^[Mm]-[0-9]{1,15}$', 'x-must': 'must be a number like M-100105' })
const Reference = Type.Union([Type.String({ format: 'uuid' }), OrderNumber], {
  description: "an order's id or its number",
})
export const orderParams = Type.Object({ id: Reference })

/** The order that the path names, if it is his or he is staff. Throws Refusal 404 otherwise: not even that it exists is told. */
export async function orderFor(db: Database, request: FastifyRequest<{ Params: { id: string } }>): Promise<Order> {
  const person = personOf(request)
  const order = await findOrder(db, request.params.id)
  if (!order || (order.customer_id !== person.id && !isStaff(person))) throw notFound('order')
  addToLog({ order_id: order.id, order_number: order.number })
  return order
}

/** The id of the order that the path names, his or not. Throws Refusal 404 for a number that no order has. */
export async function orderIdFor(
  db: Queryable,
  { params }: FastifyRequest<{ Params: { id: string } }>,
): Promise<string> {
  if (isUuid(params.id)) {
    addToLog({ order_id: params.id })
    return params.id
  }
  const order = await findOrder(db, params.id)
  if (!order) throw notFound('order')
  addToLog({ order_id: order.id, order_number: order.number })
  return order.id
}

export function addReadingRoutes(app: App, db: Database): void {
  const onRequest = app.signedIn
  const shared = { tags: ['orders'], security: [{ bearer: [] }] }

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
      return { items: rows.map((row) => historyLine(row, personOf(request))) }
    },
  )
}
