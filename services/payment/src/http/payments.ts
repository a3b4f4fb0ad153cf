import {
  PaymentMethodsQuery,
  PaymentMethodsShape,
  PaymentShape,
  PaymentsQuery,
  RefundBody,
  RefundShape,
} from '@mart/contracts/http/payment-shapes'
import { Page } from '@mart/contracts/http/shared-shapes'
import { type PaymentMethod, type PaymentSettings, whyUnavailable } from '@mart/contracts/payment-methods'
import type { App } from '@mart/service-kit/http-server'
import { runIdempotently } from '@mart/service-kit/idempotency'
import { cursorFor, pageOf, readCursor } from '@mart/service-kit/pagination'
import { isStaff, personOf } from '@mart/service-kit/people'
import type { Database } from '@mart/service-kit/postgres'
import { Type } from 'typebox'
import { listPayments } from '../payment-queries.ts'
import { requestRefund } from '../refunds/use-cases.ts'

const tags = ['payments']
const security = [{ bearer: [] }]
const params = Type.Object({ id: Type.String({ format: 'uuid' }) })

const words: Record<PaymentMethod, { name: string; description: string }> = {
  payfast: { name: 'PayFast', description: 'Pay by card, bank account or wallet on PayFast’s page.' },
  stripe: { name: 'Card', description: 'Pay by card on Stripe’s page.' },
  cash_on_delivery: { name: 'Cash on delivery', description: 'Pay the courier in cash when your order arrives.' },
}

interface Given {
  readonly db: Database
  readonly shop: PaymentSettings
  readonly publicUrl: string
}

export function addPaymentRoutes(app: App, { db, shop, publicUrl }: Given): void {
  app.get(
    '/payment-methods',
    {
      schema: {
        tags,
        querystring: PaymentMethodsQuery,
        response: { 200: PaymentMethodsShape },
      },
    },
    async ({ query: { currency, country, city, total } }) => {
      const basket = { currency, country, city, total: total === undefined ? undefined : { amount: total, currency } }
      const all = shop.methods.map((method) => ({
        method,
        ...words[method],
        why: whyUnavailable(shop, basket, method),
      }))
      return {
        items: all.filter(({ why }) => why === null).map(({ why: _, ...offered }) => offered),
        unavailable: all.flatMap(({ method, name, why }) => (why ? [{ method, name, ...why }] : [])),
      }
    },
  )

  app.get(
    '/payments',
    {
      onRequest: app.signedIn,
      schema: { tags, security, querystring: PaymentsQuery, response: { 200: Page(PaymentShape) } },
    },
    async (request) => {
      const { order_id: orderId, limit = 20, cursor } = request.query
      const person = personOf(request)
      const [beforeId] = readCursor(cursor, ['uuid']) ?? [null]
      const customerId = isStaff(person) ? null : person.id
      const wanted = { orderId, customerId, beforeId: beforeId as string | null, limit: limit + 1 }
      return pageOf(await listPayments(db, wanted, publicUrl), limit, ({ id }) => cursorFor(id))
    },
  )

  app.post(
    '/payments/:id/refunds',
    { onRequest: app.staffOnly, schema: { tags, security, params, body: RefundBody, response: { 201: RefundShape } } },
    (request, reply) =>
      runIdempotently({ db, request, reply, status: 201 }, (tx) => {
        const { amount: money, reason, public_reason: publicReason } = request.body
        const by = personOf(request).id
        return requestRefund(tx, { paymentId: request.params.id, money, reason, publicReason, by })
      }),
  )
}
