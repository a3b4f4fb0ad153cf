import { CashHandedInBody, CourierCashQuery, CourierCashShape } from '@mart/contracts/http/payment-shapes'
import type { App } from '@mart/service-kit/http-server'
import { runIdempotently } from '@mart/service-kit/idempotency'
import { personOf } from '@mart/service-kit/people'
import type { Database } from '@mart/service-kit/postgres'
import { Type } from 'typebox'
import { listCourierCash } from './cash-queries.ts'
import { dayIn } from './shop-day.ts'
import { receiveCash } from './use-cases.ts'

/** What couriers took in cash and owe the shop; `zone` is the shop's. */
export function addCourierCashRoutes(app: App, { db, zone }: { db: Database; zone: string }): void {
  const onRequest = app.staffOnly
  const shared = { tags: ['cash'], security: [{ bearer: [] }] }
  const response = { 200: Type.Object({ date: Type.String(), items: Type.Array(CourierCashShape) }) }

  app.get(
    '/courier-cash',
    { onRequest, schema: { ...shared, querystring: CourierCashQuery, response } },
    async ({ query: { date } }) => ({ date, items: await listCourierCash(db, dayIn(zone, date)) }),
  )

  app.post(
    '/courier-cash/handed-in',
    { onRequest, schema: { ...shared, body: CashHandedInBody, response } },
    (request, reply) =>
      runIdempotently({ db, request, reply, status: 200 }, async (tx) => {
        const { date, carrier, amount } = request.body
        const day = dayIn(zone, date)
        await receiveCash(tx, { day, carrier, amount, by: personOf(request).id })
        return { date, items: await listCourierCash(tx, day) }
      }),
  )
}
