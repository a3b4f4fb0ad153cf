import { CourierCashQuery, CourierCashShape } from '@mart/contracts/http/payment-shapes'
import type { App } from '@mart/service-kit/http-server'
import type { Database } from '@mart/service-kit/postgres'
import { Type } from 'typebox'
import { listCourierCash } from '../courier-cash-queries.ts'

/** What couriers took in cash and owe the shop. */
export function addCourierCashRoute(app: App, db: Database): void {
  app.get(
    '/courier-cash',
    {
      onRequest: app.staffOnly,
      schema: {
        tags: ['cash'],
        security: [{ bearer: [] }],
        querystring: CourierCashQuery,
        response: { 200: Type.Object({ date: Type.String(), items: Type.Array(CourierCashShape) }) },
      },
    },
    async ({ query: { date } }) => ({ date, items: await listCourierCash(db, date) }),
  )
}
