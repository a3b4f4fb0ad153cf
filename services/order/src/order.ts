import type { CancelReason, OrderedLine } from '@mart/contracts/events/order-events'
import type { Contact, ShippingAddress } from '@mart/contracts/events/shared-shapes'
import type { orderStatuses } from '@mart/contracts/http/order-shapes'
import type { Names } from '@mart/contracts/names'
import type { PaymentMethod } from '@mart/contracts/payment-methods'
import { notFound, Refusal } from '@mart/service-kit/errors'

export type OrderStatus = (typeof orderStatuses)[number]

export const isFinal = (status: OrderStatus): boolean => ['cancelled', 'delivered', 'undelivered'].includes(status)

/** Nothing more happens to it: it is final, and no return of it is under way. */
export const isOver = ({ status, return_open }: Pick<Order, 'status' | 'return_open'>): boolean =>
  isFinal(status) && !return_open

/** Unpaid, or to be paid in cash, and not shipped: the predicate of orders_open (migrations/0002). */
export const isOpen = ({ status, payment_method }: Pick<Order, 'status' | 'payment_method'>): boolean =>
  status === 'placed' ||
  status === 'awaiting_payment' ||
  (status === 'confirmed' && payment_method === 'cash_on_delivery')

/** Who does something with an order; a guest goes by the order's own id. */
export interface Actor {
  readonly id: string
  readonly role: 'customer' | 'staff' | 'admin' | 'guest'
  readonly emailVerified: boolean
}

/**
 * Throws Refusal 404 unless it is his, or he is staff: not even that it exists is told. Once it is an account's, the guest's link is
 * no good any more, which whoever has it is told.
 */
export function mustBeFor({ id, customer_id }: Pick<Order, 'id' | 'customer_id'>, { id: asker, role }: Actor): void {
  if (role === 'staff' || role === 'admin') return
  if (role !== 'guest' && customer_id === asker) return
  if (role !== 'guest' || id !== asker) throw notFound('order')
  if (customer_id !== null)
    throw new Refusal(404, 'order_in_account', 'This order is in an account now: it is seen by signing in.')
}

export interface MissingGoods extends Names {
  readonly sku: string
}

export interface Order {
  readonly id: string
  readonly number: string
  readonly customer_id: string | null
  readonly status: OrderStatus
  readonly currency: string
  readonly lines: readonly OrderedLine[]
  readonly subtotal: number
  readonly shipping: number
  readonly tax: number
  readonly discount: number
  readonly total: number
  readonly payment_method: PaymentMethod
  readonly payment_status: string
  readonly payment_url: string | null
  readonly attempt: number
  readonly payment_due_at: Date | null
  /** What a payment that turns out to be made means while the order is cancelling. */
  readonly if_paid: 'keep' | 'refund' | null
  readonly cancel_reason: CancelReason | null
  readonly missing: readonly MissingGoods[]
  readonly refunding: boolean
  /** What has been sent back in all. */
  readonly refunded: number
  readonly contact: Contact
  readonly shipping_address: ShippingAddress
  readonly note: string | null
  readonly holds: readonly string[]
  readonly carrier: string | null
  readonly tracking_number: string | null
  readonly collected: number | null
  /** A return of it is under way. */
  readonly return_open: boolean
  readonly history_count: number
  /** When a guest asked to be forgotten. */
  readonly forget_asked_at: Date | null
  readonly placed_at: Date
  readonly updated_at: Date
}

/** Everything that can happen to an order: heard, asked, or the clock. */
export type Trigger =
  | { readonly name: 'stock_reserved' }
  | { readonly name: 'stock_refused'; readonly missing: readonly string[] }
  | { readonly name: 'person_cancels'; readonly by: 'customer' | 'staff'; readonly reason?: string | undefined }
  | { readonly name: 'due' }
  | { readonly name: 'way_chosen'; readonly method: PaymentMethod }
  | { readonly name: 'action_required'; readonly attempt: number; readonly url: string }
  | { readonly name: 'payment_failed'; readonly attempt: number; readonly final: boolean; readonly reason: string }
  | { readonly name: 'payment_succeeded'; readonly method: PaymentMethod }
  | { readonly name: 'cash_agreed' }
  | { readonly name: 'payment_voided'; readonly refunding: boolean }
  | { readonly name: 'payment_refunded'; readonly inAll: number }
  | { readonly name: 'refund_needed'; readonly reason: string }
  | { readonly name: 'payment_disputed'; readonly reason: string }
  | { readonly name: 'dispute_closed'; readonly won: boolean }
  | { readonly name: 'address_changed'; readonly address: ShippingAddress }
  | { readonly name: 'staff_ships'; readonly carrier: string; readonly trackingNumber: string }
  | { readonly name: 'staff_delivers'; readonly collected: number | null }
  | { readonly name: 'delivery_failed'; readonly reason: string }
export type TriggerName = Trigger['name']

/** What the payment is to whoever looks at the order; over all states and statuses, see test/payment-shown.test.ts. */
export function paymentShown({ status, total, payment_status, refunding }: Order): string {
  if (total === 0) return 'nothing_due'
  const isOver = status === 'cancelled' || status === 'undelivered'
  if (!isOver) return payment_status
  if (payment_status === 'refunded') return 'refunded'
  if (refunding) return 'refunding'
  if (payment_status === 'partially_refunded') return payment_status
  // What came back undelivered may still be paid for; what was cancelled is not.
  return status === 'undelivered' && payment_status === 'succeeded' ? 'succeeded' : 'voided'
}

/** The words of a trigger that the history keeps as its reason. */
export function reasonOf(trigger: Trigger): string | null {
  if (trigger.name === 'stock_refused') return `not in stock: ${trigger.missing.join(', ')}`
  if (trigger.name === 'staff_ships') return `${trigger.carrier} ${trigger.trackingNumber}`
  if (trigger.name === 'way_chosen') return trigger.method
  return 'reason' in trigger ? (trigger.reason ?? null) : null
}
