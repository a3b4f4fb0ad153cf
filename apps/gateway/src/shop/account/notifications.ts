import type { NotificationShape, PreferencesShape } from '@mart/contracts/http/notification-shapes'
import type { App, FastifyRequest } from '@mart/service-kit/http-server'
import { pageOrFirst } from '../first-page.ts'
import { fieldsOf } from '../forms.ts'
import type { Shop } from '../open-shop.ts'
import { doneIn, forMember } from './member.ts'

type ListRequest = FastifyRequest<{ Querystring: { cursor?: string } }>

/** What a person wants to be told, and what he was told. */
export function addNotifications(app: App, shop: Shop): void {
  const { services, pages, show } = shop
  app.get(
    '/account/notifications',
    forMember<ListRequest>(shop, async ({ frame, caller, session }, request, reply) => {
      const [saved, { page, isFromStart }] = await Promise.all([
        services.ask<PreferencesShape>('notification', '/preferences', caller),
        pageOrFirst(request.query.cursor, (cursor) => {
          const query = new URLSearchParams({ limit: '20', ...(cursor && { cursor }) })
          return services.ask<{ items: NotificationShape[]; next_cursor: string | null }>(
            'notification',
            `/notifications?${query}`,
            caller,
          )
        }),
      ])
      const { items: messages, next_cursor: nextCursor } = page
      const typed = shop.typed.of(request, session)
      const preferences = { ...saved, ...(typed && choicesIn(typed)) }
      const isSaved = doneIn(request, ['saved']) !== null
      const props = { preferences, messages, nextCursor, isFromStart, isSaved }
      return show(reply, pages.notifications(frame, props))
    }),
  )

  app.post(
    '/account/notifications',
    forMember(shop, async ({ caller }, request, reply) => {
      const body = choicesIn(fieldsOf(request))
      await services.ask('notification', '/preferences', caller, { method: 'PUT', body })
      shop.typed.forget(request, reply, '/account/notifications')
      return reply.redirect('/account/notifications?done=saved', 303)
    }),
  )
}

const choicesIn = (fields: Readonly<Record<string, string>>) => ({
  order_updates: 'order_updates' in fields,
  marketing: 'marketing' in fields,
})
