import { type Static, Type } from 'typebox'
import { Time } from '../events/shared-shapes.ts'
import { Language } from '../language.ts'
import { Sku } from '../sku.ts'
import { Nullable, pageQuery } from './shared-shapes.ts'
import { Email } from './text-shapes.ts'

const Id = Type.String({ format: 'uuid' })

/** What a message is about. The last six go to staff, the others to a buyer. */
export const MessageKind = Type.Enum([
  'order_received',
  'order_confirmed',
  'order_cancelled',
  'order_shipped',
  'order_delivered',
  'order_undelivered',
  'order_address_changed',
  'payment_link',
  'payment_refunded',
  'return_requested',
  'return_approved',
  'return_refused',
  'return_withdrawn',
  'return_received',
  'welcome',
  'back_in_stock',
  'stock_low',
  'refund_needed',
  'payment_disputed',
  'dispute_closed',
  'return_to_decide',
  'return_called_off',
])
export type MessageKind = Static<typeof MessageKind>

/** `skipped`: too old when it was heard of, or not wanted by its recipient. `cancelled`: its recipient was erased. */
export const MessageStatus = Type.Enum(['pending', 'sent', 'failed', 'skipped', 'cancelled'])
export type MessageStatus = Static<typeof MessageStatus>

export const NotificationShape = Type.Object({
  id: Id,
  kind: MessageKind,
  subject: Nullable(Type.String()),
  order_id: Nullable(Id),
  at: Time,
  status: MessageStatus,
})
export type NotificationShape = Static<typeof NotificationShape>

export const NotificationsQuery = Type.Object(pageQuery)

/** A message as it reads; subject, text, html and recipient are null once the person was erased. */
export const MessageShape = Type.Object({
  ...NotificationShape.properties,
  recipient: Nullable(Type.String()),
  text: Nullable(Type.String()),
  html: Nullable(Type.String()),
  reason: Nullable(Type.String({ description: 'why it is skipped, cancelled or failed' })),
  attempts: Type.Integer(),
  last_error: Nullable(Type.String()),
  next_attempt_at: Nullable(Time),
  sent_at: Nullable(Time),
})
export type MessageShape = Static<typeof MessageShape>

export const MessagesQuery = Type.Object({
  ...pageQuery,
  order_id: Type.Optional(Id),
  status: Type.Optional(MessageStatus),
})

export const MessageParams = Type.Object({ id: Id })

export const StockAlertInput = Type.Object(
  {
    sku: Sku,
    email: Email,
    language: Type.Optional(Type.Enum(Language.enum, { description: 'of the mail; left out, the account’s, else en' })),
  },
  { additionalProperties: false },
)

export const StockAlertShape = Type.Object({
  id: Id,
  sku: Type.String(),
  name: Nullable(Type.String()),
  email: Type.String(),
  language: Language,
  asked_at: Time,
})
export type StockAlertShape = Static<typeof StockAlertShape>

export const StockAlertsQuery = Type.Object(pageQuery, { additionalProperties: false })

/**
 * `order_updates`: mails about a parcel's way, and the welcome. What an order needs (received, confirmed, cancelled,
 * another address, the link to pay, a return, money coming back) is sent in any case.
 */
export const PreferencesShape = Type.Object(
  { order_updates: Type.Boolean(), marketing: Type.Boolean() },
  { additionalProperties: false },
)
export type PreferencesShape = Static<typeof PreferencesShape>
