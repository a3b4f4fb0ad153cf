import type { Money } from '@mart/contracts/money'
import { conflict } from '@mart/service-kit/errors'
import type { CallKind } from './payment-tables.ts'

/** What a provider has told us about an attempt, by an answer or by a notification. */
export type News =
  /** `url` is the provider's page, `link` is ours that leads there. */
  | { readonly kind: 'opened'; readonly url: string; readonly link: string }
  /** `fee`: what the provider kept of it, as far as it says so. */
  | { readonly kind: 'paid'; readonly money: Money; readonly fee?: Money }
  | { readonly kind: 'processing' }
  /** The buyer may try again on the same page. `code` is the provider's own. */
  | { readonly kind: 'declined'; readonly reason: string; readonly code?: string | undefined }
  | { readonly kind: 'failed'; readonly reason: string }
  /** The provider will not take this sum: the order waits for another way to pay. */
  | { readonly kind: 'refused'; readonly reason: string }
  | { readonly kind: 'expired' }
  | { readonly kind: 'disputed'; readonly money: Money; readonly reason: string }
  | { readonly kind: 'dispute_closed'; readonly money: Money; readonly reason: string; readonly won: boolean }
  /** Of a refund of ours, or (`refundId` null) one that was made at the provider. */
  | {
      readonly kind: 'refund'
      readonly refundId: string | null
      readonly providerRefundId: string
      readonly status: 'pending' | 'succeeded' | 'failed'
      readonly money: Money
      readonly reason: string
    }
  /** All that went back of a charge. */
  | { readonly kind: 'refunded_in_all'; readonly money: Money }
  /** What came of a call for a refund of ours. */
  | { readonly kind: 'refund_answered'; readonly refundId: string; readonly answer: RefundNews }
  | { readonly kind: 'no_answer'; readonly reason: string }
  /** Certainly no call of ours has made anything; `wrong` is what the next one does otherwise. */
  | { readonly kind: 'nothing_made'; readonly wrong: 'key' | 'expires_at' | 'customer_email'; readonly reason: string }

/** What a provider answers to a refund. */
export type RefundNews =
  | { readonly kind: 'succeeded' | 'pending'; readonly providerRefundId: string | null }
  /** Certainly nothing was sent back. */
  | { readonly kind: 'failed'; readonly reason: string; readonly providerRefundId?: string }
  /** Something may have been sent back, and a repeat might send it twice. */
  | { readonly kind: 'unknown'; readonly reason: string }
  /** Certainly nothing was sent back, but the key is used up: the next call takes another. */
  | { readonly kind: 'nothing_made'; readonly reason: string }
  /** Safe to repeat with the same key. */
  | { readonly kind: 'no_answer'; readonly reason: string }

/** Which of the provider's things the news is about, as far as it says so. */
export interface About {
  readonly attemptId: string
  readonly sessionId: string | null
  readonly charge: string | null
}

/** A call that was claimed. */
export interface CallName {
  readonly id: string
  readonly kind: CallKind
}

/** Of which payment something was told. */
export interface TracedPayment {
  readonly order_id: string
  readonly payment_id: string
  /** Of what asked for the attempt. */
  readonly traceparent: string | null
}

/** What a provider answered. */
export interface Answer {
  readonly news: News
  readonly about: About
  /** Not there where nobody had claimed it: reconciliation asks by itself. */
  readonly call?: CallName
}

/** A notification as it is stored. */
export interface ProviderEvent {
  readonly provider: 'stripe' | 'payfast'
  readonly id: string
  readonly type: string
  readonly payload: object
}

/** What was told, and by what its payment can be found. */
export interface Notified {
  readonly news: News
  readonly about: Omit<About, 'attemptId'> & { readonly attemptId: string | null }
  readonly martId: string | null
}

/** What a provider told us, and how it came. */
export interface Told extends Omit<Notified, 'martId'> {
  readonly call?: CallName
  /** Gives the traceparent that its events carry on. */
  readonly trace?: (payment: TracedPayment) => string
  /** It came as a notification, which is stored and may come again; else it answers a call of ours. */
  readonly notification?: {
    readonly event: ProviderEvent
    readonly happenedAt: Date
    readonly martId: string | null
  }
  /** Or it was stored before, by this id, and staff want it once more. */
  readonly replayed?: string
}

export const nothingToReplay = () => conflict('nothing_to_replay', 'This event is about no payment of this mart.')
