import {
  OrderReturnsShape,
  ReturnInput,
  ReturnParams,
  ReturnReceiptInput,
  ReturnRefusalInput,
  ReturnShape,
  ReturnsQuery,
} from '@mart/contracts/http/return-shapes'
import { Page } from '@mart/contracts/http/shared-shapes'
import type { GuestLinks } from '@mart/service-kit/guest-links'
import type { App, FastifyReply, FastifyRequest } from '@mart/service-kit/http-server'
import { runIdempotently } from '@mart/service-kit/idempotency'
import { addToLog } from '@mart/service-kit/logger'
import { cursorFor, pageOf, readCursor } from '@mart/service-kit/pagination'
import { isStaff, personOf } from '@mart/service-kit/people'
import type { Database, Transaction } from '@mart/service-kit/postgres'
import { Type } from 'typebox'
import { askerAbout } from '../http/asker.ts'
import { orderFor, orderIdFor, orderParams } from '../http/read.ts'
import { deliveredAt, listReturns, returnsOf } from './return-queries.ts'
import { orderReturnsView, returnView } from './return-view.ts'
import { approveReturn, askReturn, type ReturnStep, receiveReturn, refuseReturn, withdrawReturn } from './use-cases.ts'

const ReturnOfOrder = Type.Object({ ...orderParams.properties, return_id: ReturnParams.properties.id })

interface ReturnParts {
  readonly db: Database
  readonly links: GuestLinks | null
  readonly returnDays: number
}

export function addReturnRoutes(app: App, { db, links, returnDays: days }: ReturnParts): void {
  const tags = ['returns']

  app.post(
    '/orders/:id/returns',
    {
      onRequest: app.signedInOrGuest,
      schema: {
        tags,
        summary: 'Asks to send something back of what was delivered: by its buyer, or by staff for him',
        params: orderParams,
        body: ReturnInput,
        response: { 201: ReturnShape },
      },
    },
    (request, reply) =>
      runIdempotently({ db, request, reply, status: 201 }, async (tx) => {
        const orderId = await orderIdFor(tx, request)
        const by = askerAbout(orderId, request, links)
        return shown(await askReturn(tx, { orderId, asked: request.body, by, days }))
      }),
  )

  app.post(
    '/orders/:id/returns/:return_id/withdraw',
    {
      onRequest: app.signedInOrGuest,
      schema: {
        tags,
        summary: 'Keeps what was to be sent back, as long as nothing of it has come: its buyer, or staff for him',
        params: ReturnOfOrder,
        response: { 200: ReturnShape },
      },
    },
    (request, reply) =>
      runIdempotently({ db, request, reply, status: 200 }, async (tx) => {
        const orderId = await orderIdFor(tx, request)
        const by = askerAbout(orderId, request, links)
        return shown(await withdrawReturn(tx, { orderId, id: request.params.return_id, by }))
      }),
  )

  app.get(
    '/orders/:id/returns',
    { onRequest: app.signedInOrGuest, schema: { tags, params: orderParams, response: { 200: OrderReturnsShape } } },
    async (request) => {
      const { order } = await orderFor(db, request, links)
      const [at, returns] = await Promise.all([deliveredAt(db, order.id), returnsOf(db, order.id)])
      return orderReturnsView({ order, deliveredAt: at, returns }, { now: new Date(), days })
    },
  )

  app.get(
    '/returns',
    {
      onRequest: app.signedIn,
      schema: {
        tags,
        summary: 'The oldest first: a customer’s own, of all orders for staff',
        security: [{ bearer: [] }],
        querystring: ReturnsQuery,
        response: { 200: Page(ReturnShape) },
      },
    },
    async (request) => {
      const { customer, status, limit = 20, cursor } = request.query
      const person = personOf(request)
      const customerId = isStaff(person) ? customer : person.id
      const [afterId = null] = readCursor(cursor, ['uuid']) ?? []
      const rows = await listReturns(db, { customerId, status, afterId: afterId as string | null, limit: limit + 1 })
      const page = pageOf(rows, limit, ({ id }) => cursorFor(id))
      return { ...page, items: page.items.map((row) => returnView(row, row)) }
    },
  )

  addStaffRoutes(app, db)
}

/** What staff do with returns. */
function addStaffRoutes(app: App, db: Database): void {
  const onRequest = app.staffOnly
  const tags = ['returns']
  const ofReturn = { tags, params: ReturnParams, response: { 200: ReturnShape } }
  const step = (
    request: FastifyRequest<{ Params: { id: string } }>,
    reply: FastifyReply,
    take: (tx: Transaction) => Promise<ReturnStep>,
  ) => runIdempotently({ db, request, reply, status: 200 }, async (tx) => shown(await take(tx)))

  app.post('/returns/:id/approve', { onRequest, schema: ofReturn }, (request, reply) =>
    step(request, reply, (tx) => approveReturn(tx, { id: request.params.id, by: personOf(request) })),
  )

  app.post(
    '/returns/:id/refuse',
    { onRequest, schema: { ...ofReturn, body: ReturnRefusalInput } },
    (request, reply) => {
      const { reason, expected_status: seen = 'requested' } = request.body
      return step(request, reply, (tx) =>
        refuseReturn(tx, { id: request.params.id, by: personOf(request), reason, seen }),
      )
    },
  )

  app.post(
    '/returns/:id/receive',
    {
      onRequest,
      schema: {
        ...ofReturn,
        summary: 'What has come: what is sellable is stock again, and the money for all of it goes back',
        body: ReturnReceiptInput,
      },
    },
    (request, reply) =>
      step(request, reply, (tx) =>
        receiveReturn(tx, { id: request.params.id, by: personOf(request), receipt: request.body }),
      ),
  )
}

function shown({ order, one }: ReturnStep) {
  addToLog({ order_id: order.id, order_number: order.number })
  return returnView(one, order)
}
