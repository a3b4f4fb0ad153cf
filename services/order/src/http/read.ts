import { OrderHistory, OrderShape } from '@mart/contracts/http/order-shapes'
import { notFound } from '@mart/service-kit/errors'
import type { GuestLinks } from '@mart/service-kit/guest-links'
import type { App, FastifyRequest } from '@mart/service-kit/http-server'
import { isUuid } from '@mart/service-kit/ids'
import { addToLog } from '@mart/service-kit/logger'
import type { Database, Queryable } from '@mart/service-kit/postgres'
import { Type } from 'typebox'
import { historyLine } from '../history-view.ts'
import { type Actor, mustBeFor, type Order } from '../order.ts'
import { findOrder, historyOf } from '../order-queries.ts'
import { viewOf } from '../order-view.ts'
import { askerAbout } from './asker.ts'

const OrderNumber = Type.String({ pattern: '^[Mm]-[0-9]{1,15}$', 'x-must': 'must be a number like M-100105' })
const Reference = Type.Union([Type.String({ format: 'uuid' }), OrderNumber], {
  description: "an order's id or its number",
})
export const orderParams = Type.Object({ id: Reference })

type OrderRequest = FastifyRequest<{ Params: { id: string } }>

/**
 * The order that the path names, and who asks for it: whose it is, a guest with its link, or staff. Throws Refusal 404
 * otherwise: not even that it exists is told.
 */
export async function orderFor(
  db: Database,
  request: OrderRequest,
  links: GuestLinks | null,
): Promise<{ order: Order; asker: Actor }> {
  const order = await findOrder(db, request.params.id)
  if (!order) throw notFound('order')
  const asker = askerAbout(order.id, request, links)
  mustBeFor(order, asker)
  addToLog({ order_id: order.id, order_number: order.number })
  return { order, asker }
}

/** The id of the order that the path names, his or not. Throws Refusal 404 for a number that no order has. */
export async function orderIdFor(db: Queryable, { params }: OrderRequest): Promise<string> {
  if (isUuid(params.id)) {
    addToLog({ order_id: params.id })
    return params.id
  }
  const order = await findOrder(db, params.id)
  if (!order) throw notFound('order')
  addToLog({ order_id: order.id, order_number: order.number })
  return order.id
}

export function addReadingRoutes(app: App, db: Database, links: GuestLinks | null): void {
  const onRequest = app.signedInOrGuest
  const shared = { tags: ['orders'] }

  app.get(
    '/orders/:id',
    { onRequest, schema: { ...shared, params: orderParams, response: { 200: OrderShape } } },
    async (request) => viewOf((await orderFor(db, request, links)).order),
  )

  app.get(
    '/orders/:id/history',
    { onRequest, schema: { ...shared, params: orderParams, response: { 200: OrderHistory } } },
    async (request) => {
      const { order, asker } = await orderFor(db, request, links)
      const rows = await historyOf(db, order.id)
      return { items: rows.map((row) => historyLine(row, asker)) }
    },
  )
}
