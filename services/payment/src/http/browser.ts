import { notFound } from '@mart/service-kit/errors'
import type { App, FastifyReply } from '@mart/service-kit/http-server'
import type { Logger } from '@mart/service-kit/logger'
import { type Database, inTransaction } from '@mart/service-kit/postgres'
import { Type } from 'typebox'
import { type BuyerPage, closedPage, endedPage, notNowPage, resultPage, thankYouPage } from '../buyer-pages.ts'
import { genuineIn } from '../payfast/http.ts'
import type { Payfast } from '../payfast/payfast-client.ts'
import { pageForm, payfastPage } from '../payfast/payfast-form.ts'
import type { PayfastSettings } from '../payfast/payfast-http-client.ts'
import { expectNews, receivePayfast } from '../payfast/use-cases.ts'
import { type AttemptSeen, findAttempt, findPage } from '../payment-queries.ts'
import { goPath } from '../payment-record.ts'
import { takeAnyBody } from '../stripe/http.ts'

const MAX_BYTES = 64 * 1024
const tags = ['for browsers']
const params = Type.Object({ id: Type.String({ format: 'uuid' }) })
// A provider adds its fields to our link as it likes, also behind a second question mark.
const querystring = Type.Object({ t: Type.Optional(Type.String({ maxLength: 2_000 })) })

const page = { description: 'a page for the buyer', content: { 'text/html': { schema: Type.String() } } }
const pages = { 200: page, 303: Type.Null({ description: 'to the provider’s page' }), 404: page, 410: page, 503: page }

interface Given {
  readonly db: Database
  readonly logger: Logger
  /** Null without keys. */
  /** Where a browser reaches this service. */
  readonly publicUrl: string
  /** Where the buyer sees his order; null: on a page of ours. */
  readonly shopUrl: string | null
  readonly payfast: (PayfastSettings & { readonly client: Payfast }) | null
}

/** The pages of the payment service that a buyer's browser meets; nothing that it says is believed. */
export async function addBrowserRoutes(app: App, given: Given): Promise<void> {
  const { db, payfast, publicUrl, shopUrl } = given
  app.get(
    '/payments/attempts/:id/go',
    { schema: { tags, params, querystring, response: pages } },
    async ({ params: { id }, query: { t } }, reply) => {
      const attempt = await findAttempt(db, id)
      if (!attempt || attempt.go_token !== t) throw notFound('payment')
      if (attempt.status !== 'open' || !attempt.url) return show(reply, endedPage(attempt))
      if (attempt.method === 'payfast') return show(reply, await payfastPageOf(attempt, given))
      return harden(reply).redirect(attempt.url, 303)
    },
  )

  await app.register(async (scope) => {
    takeAnyBody(scope as unknown as App)
    scope.route<{ Params: { id: string }; Querystring: { t?: string } }>({
      method: ['GET', 'POST'],
      url: '/payments/return/:id',
      onRequest: app.maybeSignedIn,
      bodyLimit: MAX_BYTES,
      schema: { tags, params, querystring, response: pages },
      async handler(request, reply) {
        const { params, query, person } = request
        const attempt = await findAttempt(db, params.id)
        const isBuyer =
          attempt?.go_token === query.t?.split('?')[0] || (person !== null && attempt?.customer_id === person.id)
        if (!attempt || !isBuyer) return show(reply, thankYouPage)
        const told = attempt.method === 'payfast' ? genuineIn(request, payfast) : null
        // As good as a notification, which may be late or lost: it makes us read PayFast's own record.
        if (told?.basketId === attempt.id) await inTransaction(db, (tx) => receivePayfast(tx, told))
        // 303: what PayFast posts is done with, and its fields are not posted on. The news of it may come after the buyer.
        if (shopUrl) return harden(reply).redirect(`${shopUrl}/orders/${attempt.order_id}?returned`, 303)
        return show(reply, resultPage(attempt, publicUrl + goPath(attempt)))
      },
    })
  })
}

async function payfastPageOf({ id }: AttemptSeen, { db, logger, payfast, publicUrl }: Given): Promise<BuyerPage> {
  const page = await findPage(db, id)
  if (!page) return closedPage
  if (!payfast) return notNowPage(publicUrl + goPath(page.attempt))
  await inTransaction(db, (tx) => expectNews(tx, id))
  const told = await payfast.client.fetchToken(page)
  if ('token' in told) {
    return payfastPage(`${payfast.pageUrl}/PostTransaction`, pageForm({ ...page, token: told.token }, payfast))
  }
  logger.warn({ attempt_id: id, reason: told.reason }, 'PayFast gave no token')
  return notNowPage(publicUrl + goPath(page.attempt))
}

const harden = (reply: FastifyReply, contentPolicy?: string) =>
  reply
    .header('cache-control', 'no-store')
    .header('referrer-policy', 'no-referrer')
    .header(
      'content-security-policy',
      contentPolicy ?? "default-src 'none'; style-src 'unsafe-inline'; frame-ancestors 'none'",
    )

const show = (reply: FastifyReply, { status, html, contentPolicy }: BuyerPage) =>
  harden(reply, contentPolicy).code(status).type('text/html; charset=utf-8').send(html)
