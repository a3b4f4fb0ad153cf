import {
  MessageParams,
  MessageShape,
  MessagesQuery,
  NotificationShape,
  NotificationsQuery,
  PreferencesShape,
} from '@mart/contracts/http/notification-shapes'
import { Page, problems } from '@mart/contracts/http/shared-shapes'
import { notFound } from '@mart/service-kit/errors'
import type { App } from '@mart/service-kit/http-server'
import { runIdempotently } from '@mart/service-kit/idempotency'
import { cursorFor, pageOf, readCursor } from '@mart/service-kit/pagination'
import { personOf } from '@mart/service-kit/people'
import { inTransaction, type Queryable } from '@mart/service-kit/postgres'
import type { Service } from '@mart/service-kit/start-service'
import type { Config } from './config.ts'
import { MASKED_KEY } from './message.ts'
import { findMessage, findPreferences, listMessages, listMessagesOf, type MessageRow } from './message-queries.ts'
import { type OrderLink, orderLinks } from './order-links.ts'
import { addStockAlertRoutes } from './stock-alerts/http.ts'
import { render } from './templates/render.ts'
import { resendMessage } from './use-cases/resend-message.ts'
import { savePreferences } from './use-cases/save-preferences.ts'

export function addRoutes(app: App, { db, config }: Service<Config>): void {
  addOwnRoutes(app, db)
  addStockAlertRoutes(app, db)
  addStaffRoutes(app, db, orderLinks(config.SHOP_URL, config.GUEST_LINK_SECRET ? () => MASKED_KEY : undefined))
}

function addOwnRoutes(app: App, db: Service<Config>['db']): void {
  const mine = { onRequest: app.signedIn }
  const tags = ['notifications']

  app.get(
    '/notifications',
    { ...mine, schema: { tags, querystring: NotificationsQuery, response: { 200: Page(NotificationShape) } } },
    async (request) => {
      const { limit = 20, cursor } = request.query
      const rows = await listMessagesOf(db, personOf(request).id, { beforeId: placeIn(cursor), limit: limit + 1 })
      const { items, next_cursor } = pageOf(rows, limit, (row) => cursorFor(row.id))
      return { items: items.map(asNotification), next_cursor }
    },
  )

  app.get('/preferences', { ...mine, schema: { tags, response: { 200: PreferencesShape } } }, (request) =>
    findPreferences(db, personOf(request).id),
  )

  app.put(
    '/preferences',
    { ...mine, schema: { tags, body: PreferencesShape, response: { 200: PreferencesShape, ...problems(403) } } },
    (request) => inTransaction(db, (tx) => savePreferences(tx, personOf(request).id, request.body)),
  )
}

function addStaffRoutes(app: App, db: Service<Config>['db'], orderLink: OrderLink): void {
  const staff = { onRequest: app.staffOnly }
  const tags = ['messages']

  const asMessage = (row: MessageRow) => withText(row, orderLink(row))
  const messageOf = async (queryable: Queryable, id: string): Promise<MessageShape> => {
    const row = await findMessage(queryable, id)
    if (!row) throw notFound('message')
    return asMessage(row)
  }

  app.get(
    '/messages',
    { ...staff, schema: { tags, querystring: MessagesQuery, response: { 200: Page(MessageShape) } } },
    async ({ query: { order_id: orderId, status, limit = 20, cursor } }) => {
      const rows = await listMessages(db, { orderId, status, beforeId: placeIn(cursor), limit: limit + 1 })
      const { items, next_cursor } = pageOf(rows, limit, (row) => cursorFor(row.id))
      return { items: items.map(asMessage), next_cursor }
    },
  )

  app.get(
    '/messages/:id',
    { ...staff, schema: { tags, params: MessageParams, response: { 200: MessageShape } } },
    (request) => messageOf(db, request.params.id),
  )

  app.post(
    '/messages/:id/resend',
    { ...staff, schema: { tags, params: MessageParams, response: { 201: MessageShape } } },
    (request, reply) =>
      runIdempotently({ db, request, reply, status: 201 }, async (tx) =>
        messageOf(tx, await resendMessage(tx, request.params.id)),
      ),
  )
}

const placeIn = (cursor: string | undefined): string | null => {
  const [id] = readCursor(cursor, ['uuid']) ?? []
  return id === undefined ? null : String(id)
}

const asNotification = (row: MessageRow): NotificationShape => ({
  id: row.id,
  kind: row.kind,
  subject: render(row)?.subject ?? null,
  order_id: row.order_id,
  at: row.queued_at.toISOString(),
  status: row.status,
})

function withText(row: MessageRow, orderUrl: string | null): MessageShape {
  const mail = render(row, orderUrl)
  return {
    ...asNotification(row),
    recipient: row.recipient,
    text: mail?.text ?? null,
    html: mail?.html ?? null,
    reason: row.reason,
    attempts: row.attempts,
    last_error: row.last_error,
    next_attempt_at: row.status === 'pending' ? row.due_at.toISOString() : null,
    sent_at: row.sent_at?.toISOString() ?? null,
  }
}
