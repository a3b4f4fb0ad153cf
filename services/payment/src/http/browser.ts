import { notFound } from '@mart/service-kit/errors'
import type { App, FastifyReply } from '@mart/service-kit/http-server'
import type { Database } from '@mart/service-kit/postgres'
import { Type } from 'typebox'
import { type BuyerPage, endedPage, resultPage, thankYouPage } from '../buyer-pages.ts'
import { goPath } from '../payment.ts'
import { findAttempt } from '../payment-queries.ts'

const tags = ['for browsers']
const params = Type.Object({ id: Type.String({ format: 'uuid' }) })
const querystring = Type.Object({ t: Type.Optional(Type.String({ maxLength: 100 })) })

/** The pages of the payment service that a buyer's browser meets; none of them changes anything. */
export function addBrowserRoutes(app: App, db: Database): void {
  app.get(
    '/payments/attempts/:id/go',
    { schema: { tags, params, querystring } },
    async ({ params: { id }, query: { t } }, reply) => {
      const attempt = await findAttempt(db, id)
      if (!attempt || attempt.go_token !== t) throw notFound('payment')
      if (attempt.status !== 'open' || !attempt.url) return show(reply, endedPage(attempt))
      return harden(reply).redirect(attempt.url, 303)
    },
  )

  app.get(
    '/payments/return/:id',
    { onRequest: app.maybeSignedIn, schema: { tags, params, querystring } },
    async ({ params: { id }, query: { t }, person }, reply) => {
      const attempt = await findAttempt(db, id)
      const isBuyer = attempt?.go_token === t || (person !== null && attempt?.customer_id === person.id)
      if (!attempt || !isBuyer) return show(reply, thankYouPage)
      return show(reply, resultPage(attempt, goPath(attempt)))
    },
  )
}

const harden = (reply: FastifyReply) =>
  reply
    .header('cache-control', 'no-store')
    .header('referrer-policy', 'no-referrer')
    .header('content-security-policy', "default-src 'none'; style-src 'unsafe-inline'; frame-ancestors 'none'")

const show = (reply: FastifyReply, { status, html }: BuyerPage) =>
  harden(reply).code(status).type('text/html; charset=utf-8').send(html)
