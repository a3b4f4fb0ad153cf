import type { DataOf } from '@mart/contracts/events/define-event'
import type { StockLow } from '@mart/contracts/events/inventory-events'
import type {
  OrderCancelled,
  OrderConfirmed,
  OrderDelivered,
  OrderPlaced,
  OrderShipped,
  OrderUndelivered,
} from '@mart/contracts/events/order-events'
import type {
  PaymentActionRequired,
  PaymentDisputeClosed,
  PaymentDisputed,
  PaymentRefunded,
  PaymentRefundNeeded,
} from '@mart/contracts/events/payment-events'
import type { MessageKind, MessageStatus } from '@mart/contracts/http/notification-shapes'

const HOUR_MS = 3_600_000
const USEFUL_FOR_MS = 72 * HOUR_MS
const GIVE_UP_AFTER_MS = 24 * HOUR_MS

/** Who asked for no news of a parcel's way gets none of these. What an order needs is always sent. */
export const unwantedKinds: readonly MessageKind[] = [
  'order_shipped',
  'order_delivered',
  'order_undelivered',
  'welcome',
]

/** What of its event writes each kind of message. */
export interface MessageData {
  readonly order_received: Pick<
    DataOf<typeof OrderPlaced>,
    'lines' | 'subtotal' | 'shipping' | 'total' | 'payment_method' | 'shipping_address'
  >
  readonly order_confirmed: Pick<DataOf<typeof OrderConfirmed>, 'lines' | 'shipping' | 'total' | 'payment_method'>
  readonly order_cancelled: Pick<DataOf<typeof OrderCancelled>, 'reason' | 'missing' | 'refunding' | 'total'>
  readonly order_shipped: Pick<DataOf<typeof OrderShipped>, 'carrier' | 'tracking_number'>
  readonly order_delivered: Pick<DataOf<typeof OrderDelivered>, 'collected'>
  readonly order_undelivered: Pick<DataOf<typeof OrderUndelivered>, 'reason'>
  readonly payment_link: Pick<DataOf<typeof PaymentActionRequired>, 'amount' | 'url'>
  readonly payment_refunded: Pick<DataOf<typeof PaymentRefunded>, 'refunded' | 'method'>
  readonly welcome: Readonly<Record<string, never>>
  readonly stock_low: DataOf<typeof StockLow>
  readonly refund_needed: Pick<DataOf<typeof PaymentRefundNeeded>, 'order_id' | 'to_refund' | 'method' | 'reason'>
  readonly dispute_closed: Pick<DataOf<typeof PaymentDisputeClosed>, 'order_id' | 'disputed' | 'method' | 'won'>
  readonly payment_disputed: Pick<DataOf<typeof PaymentDisputed>, 'order_id' | 'disputed' | 'method' | 'reason'>
}

/** A message to be written down, as its cause tells it. */
export interface Draft<Kind extends MessageKind = MessageKind> {
  readonly kind: Kind
  /** An event, or a payment attempt: the same cause makes the same kind once. */
  readonly causeId: string
  /** When it happened. */
  readonly at: Date
  readonly data: MessageData[Kind]
  readonly personId: string | null
  readonly orderId: string | null
  readonly orderNumber: string | null
  /** Null: whoever placed the order, found when it is sent. */
  readonly recipient: string | null
  readonly recipientName: string | null
  readonly language: string
}

/** A mail about an order of last month helps nobody: it is recorded, not sent. */
export const isTooOld = (at: Date, now: Date): boolean => now.getTime() - at.getTime() > USEFUL_FOR_MS

/** A message whose turn it is. */
export interface DueMessage {
  readonly id: string
  readonly kind: MessageKind
  readonly order_id: string | null
  readonly order_number: string | null
  readonly recipient: string | null
  readonly recipient_name: string | null
  readonly language: string
  readonly data: MessageData[MessageKind] | null
  readonly attempts: number
  readonly queued_at: Date
}

export interface Failure {
  /** The same message would be refused again. */
  readonly isPermanent: boolean
  /** A word without personal data: it travels in events. */
  readonly code: string
  /** What the server said. */
  readonly text: string
}

export interface Outcome {
  readonly id: string
  readonly status: Extract<MessageStatus, 'pending' | 'sent' | 'failed'>
  readonly reason: string | null
  readonly error: string | null
  readonly attempted: 0 | 1
  /** Null leaves its turn where it was. */
  readonly delayMs: number | null
}

export const sent = ({ id }: DueMessage): Outcome => ({
  id,
  status: 'sent',
  reason: null,
  error: null,
  attempted: 1,
  delayMs: null,
})

/** Taken, but not begun: somebody takes it again. */
export const putBack = ({ id }: DueMessage): Outcome => ({
  id,
  status: 'pending',
  reason: null,
  error: null,
  attempted: 0,
  delayMs: null,
})

const steps = [1, 4, 20, 120, 720]

/** Tried again after 30 s, 2 min, 10 min, 1 h, then every 6 h (for a base of 30 s), given up after a day. */
export function failed(message: DueMessage, failure: Failure, at: { now: Date; baseMs: number }): Outcome {
  const isOver = at.now.getTime() - message.queued_at.getTime() > GIVE_UP_AFTER_MS
  const common = { id: message.id, error: oneLine(failure.text).slice(0, 1_000), attempted: 1 } as const
  if (failure.isPermanent || isOver) {
    return { ...common, status: 'failed', reason: failure.isPermanent ? failure.code : 'gave_up', delayMs: null }
  }
  const step = steps[Math.min(message.attempts, steps.length - 1)] ?? 1
  return { ...common, status: 'pending', reason: null, delayMs: step * at.baseMs }
}

export const messageIdOf = ({ id }: Pick<DueMessage, 'id'>): string => `<${id}@ai-mart>`

/** On one line, without control characters: for headers, and for names that could pretend to be more. */
export const oneLine = (text: string): string => text.replaceAll(/[\p{Cc}\u2028\u2029]+/gu, ' ').trim()
