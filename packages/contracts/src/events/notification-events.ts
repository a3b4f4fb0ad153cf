import { Type } from 'typebox'
import { defineEvent, type Topic } from './define-event.ts'
import { Id } from './shared-shapes.ts'

export const notificationsTopic: Topic = { name: 'mart.notifications', producer: 'notification', retention: 'days' }

const message = {
  message_id: Id,
  kind: Type.String(),
  order_id: Type.Union([Id, Type.Null()]),
  channel: Type.String(),
}

export const NotificationSent = defineEvent({
  type: 'notification.sent',
  version: 1,
  topic: notificationsTopic,
  key: 'message_id',
  data: Type.Object(message),
})

export const NotificationFailed = defineEvent({
  type: 'notification.failed',
  version: 1,
  topic: notificationsTopic,
  key: 'message_id',
  data: Type.Object({ ...message, reason: Type.String() }),
})
