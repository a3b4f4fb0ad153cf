import type { DataOf } from '@mart/contracts/events/define-event'
import type { StockLow } from '@mart/contracts/events/inventory-events'
import type {
  OrderCancelled,
  OrderConfirmed,
  OrderDelivered,
  OrderPlaced,
  OrderShipped,
  OrderUndelivered,
  ReturnApproved,
  ReturnReceived,
  ReturnRefused,
  ReturnRequested,
  ReturnWithdrawn,
} from '@mart/contracts/events/order-events'
import type {
  PaymentActionRequired,
  PaymentDisputeClosed,
  PaymentDisputed,
  PaymentRefunded,
  PaymentRefundNeeded,
} from '@mart/contracts/events/payment-events'
import type { MessageKind, MessageStatus } from '@mart/contracts/http/notification-shapes'
import type { Names } from '@mart/contracts/names'
import { oneLine } from '@mart/service-kit/mail-text'

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

/** These go to the address that the shop has set for its staff: no stranger's. */
export const staffKinds: readonly MessageKind[] = [
  'stock_low',
  'refund_needed',
  'payment_disputed',
  'dispute_closed',
  'return_to_decide',
  'return_called_off',
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
  readonly order_address_changed: object
  readonly payment_link: Pick<DataOf<typeof PaymentActionRequired>, 'amount' | 'url'>
  readonly payment_refunded: Pick<DataOf<typeof PaymentRefunded>, 'refunded' | 'method' | 'return_id'>
  readonly return_requested: Pick<DataOf<typeof ReturnRequested>, 'lines' | 'refund'>
  readonly return_approved: Pick<DataOf<typeof ReturnApproved>, 'lines' | 'refund'>
  readonly return_refused: Pick<DataOf<typeof ReturnRefused>, 'lines' | 'reason'>
  readonly return_withdrawn: Pick<DataOf<typeof ReturnWithdrawn>, 'lines'>
  readonly return_received: Pick<DataOf<typeof ReturnReceived>, 'lines' | 'received' | 'refund' | 'payment_method'>
  readonly welcome: Readonly<Record<string, never>>
  /** Without the shop's address there is no link. */
  readonly back_in_stock: Names & { readonly sku_key: string; readonly url: string | null }
  readonly stock_low: DataOf<typeof StockLow>
  readonly refund_needed: Pick<DataOf<typeof PaymentRefundNeeded>, 'order_id' | 'to_refund' | 'method' | 'reason'>
  readonly dispute_closed: Pick<DataOf<typeof PaymentDisputeClosed>, 'order_id' | 'disputed' | 'method' | 'won'>
  readonly return_to_decide: Pick<DataOf<typeof ReturnRequested>, 'number' | 'return_id' | 'lines' | 'refund'>
  readonly return_called_off: Pick<DataOf<typeof ReturnWithdrawn>, 'number' | 'return_id' | 'lines'>
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

/** What is said of a person's address. */
export interface ToldAddress {
  readonly personId: string
  readonly address: string
  readonly name: string
  readonly isProven: boolean
  readonly language: string
  readonly at: Date
}

/** Welcomed once, when the address is proven: before that it may be somebody else's. */
export const welcome = ({ personId, address, name, language, at }: ToldAddress): Draft<'welcome'> => ({
  kind: 'welcome',
  causeId: personId,
  at,
  data: {},
  personId,
  orderId: null,
  orderNumber: null,
  recipient: address,
  recipientName: name,
  language,
})

/** A mail about an order of last month helps nobody: it is recorded, not sent. */
export const isTooOld = (at: Date, now: Date): boolean => now.getTime() - at.getTime() > USEFUL_FOR_MS

/** A message whose turn it is. */
export interface DueMessage {
  readonly id: string
  readonly kind: MessageKind
  readonly person_id: string | null
  readonly order_id: string | null
  readonly order_number: string | null
  readonly recipient: string | null
  readonly recipient_name: string | null
  readonly language: string
  readonly data: MessageData[MessageKind] | null
  readonly attempts: number
  readonly traceparent: string | null
  readonly queued_at: Date
  /** Its recipient has shown that he reads mails there, or is staff. */
  readonly is_proven: boolean
  readonly by_staff: boolean
  /** When it was taken, to the microsecond: whose lease it is. */
  readonly taken_at: string
}

/** Of which SKU it tells that it can be bought. */
export const skuKeyOf = ({ kind, data }: Pick<DueMessage, 'kind' | 'data'>): string | null =>
  kind === 'back_in_stock' && data ? (data as MessageData['back_in_stock']).sku_key : null

export interface Outcome {
  readonly message: Pick<DueMessage, 'id' | 'taken_at'>
  readonly status: Extract<MessageStatus, 'pending' | 'sent' | 'failed'>
  readonly reason: string | null
  readonly error: string | null
  readonly attempted: 0 | 1
  /** Null leaves its turn where it was. */
  readonly delayMs: number | null
}

const plain = { reason: null, error: null, delayMs: null }

export const sent = (message: DueMessage): Outcome => ({ ...plain, message, status: 'sent', attempted: 1 })

/** Taken, but not begun: somebody takes it again. */
export const putBack = (message: DueMessage): Outcome => ({ ...plain, message, status: 'pending', attempted: 0 })

interface Failure {
  /** The same message would be refused again. */
  readonly isPermanent: boolean
  /** A word without personal data: it travels in events. */
  readonly code: string
  readonly text: string
}

/** Tried again after `retryInMs`, for a day. */
export function failed(
  message: DueMessage,
  { isPermanent, code, text }: Failure,
  { now, retryInMs }: { now: Date; retryInMs: number },
): Outcome {
  const isOver = isPermanent || now.getTime() - message.queued_at.getTime() > GIVE_UP_AFTER_MS
  const common = { message, error: oneLine(withoutKeys(text)).slice(0, 1_000).toWellFormed(), attempted: 1 } as const
  return isOver
    ? { ...common, status: 'failed', reason: isPermanent ? code : 'gave_up', delayMs: null }
    : { ...common, status: 'pending', reason: null, delayMs: retryInMs }
}

/** Stands for what opens a guest's order. */
export const MASKED_KEY = '…'

/** What a mail server says of a mail that it refuses may repeat a link in it. */
const withoutKeys = (text: string) => text.replaceAll(/\bkey=[\w=-]+/g, `key=${MASKED_KEY}`)

export const messageIdOf = ({ id }: Pick<DueMessage, 'id'>): string => `<${id}@ai-mart>`
