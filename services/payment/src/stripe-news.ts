import type { Money } from '@mart/contracts/money'
import type { About, News } from './provider-news.ts'
import { fromStripeAmount } from './stripe-session.ts'

type Metadata = Readonly<Record<string, string>> | null | undefined

/** What we read of a Checkout Session, as the API and the webhooks send it. */
export interface StripeSession {
  readonly id: string
  readonly status: string | null
  readonly payment_status: string
  readonly payment_intent: string | StripeIntent | null
  readonly amount_total: number | null
  readonly currency: string | null
  readonly client_reference_id: string | null
  readonly metadata: Metadata
}

export interface StripeIntent {
  readonly id: string
  readonly status: string
  readonly amount_received: number
  readonly currency: string
  readonly metadata: Metadata
  /** Expanded where it is asked for. */
  readonly latest_charge?: string | StripeCharged | null
  readonly last_payment_error?: { readonly message?: string; readonly code?: string } | null
}

interface StripeCharged {
  readonly balance_transaction?: string | { readonly fee: number; readonly currency: string } | null
}

export interface StripeRefund {
  readonly id: string
  readonly payment_intent: string | { readonly id: string } | null
  readonly amount: number
  readonly currency: string
  readonly status: string | null
  readonly failure_reason?: string | null
  readonly metadata: Metadata
}

export interface StripeCharge {
  readonly payment_intent: string | { readonly id: string } | null
  readonly amount_refunded: number
  readonly currency: string
  readonly metadata: Metadata
}

export interface StripeDispute {
  readonly status?: string
  readonly payment_intent: string | { readonly id: string } | null
  readonly amount: number
  readonly currency: string
  readonly reason: string
  readonly metadata?: Metadata
}

export interface StripeEvent {
  readonly id: string
  readonly type: string
  readonly created: number
  readonly data: { readonly object: unknown }
}

/** A notification's news, and by what its payment can be found. */
export interface Notified {
  readonly news: News
  readonly about: Omit<About, 'attemptId'> & { readonly attemptId: string | null }
  readonly martId: string | null
}

const idOf = (reference: string | { readonly id: string } | null | undefined): string | null =>
  typeof reference === 'string' ? reference : (reference?.id ?? null)

/** What an event of Stripe means; null for the many that mean nothing to us. */
export function readEvent({ type, data: { object } }: StripeEvent): Notified | null {
  if (type.startsWith('checkout.session.')) {
    const session = object as StripeSession
    const news = newsOfNotification(type, session)
    return news && { news, about: aboutSession(session), martId: session.metadata?.['mart_id'] ?? null }
  }
  if (type.startsWith('payment_intent.')) {
    const intent = object as StripeIntent
    const news = newsOfIntent(type, intent)
    const about = { attemptId: intent.metadata?.['attempt_id'] ?? null, sessionId: null, charge: intent.id }
    return news && { news, about, martId: intent.metadata?.['mart_id'] ?? null }
  }
  if (type.startsWith('refund.') || type === 'charge.refund.updated') return ofRefund(object as StripeRefund)
  if (type === 'charge.refunded') return ofCharge(object as StripeCharge)
  return type.startsWith('charge.dispute.') ? ofDispute(object as StripeDispute) : null
}

/** By its state, not by the name of the event: both say the same, in whatever order they come. */
function ofRefund({ id, status, amount, currency, failure_reason, metadata, payment_intent }: StripeRefund): Notified {
  return {
    news: {
      kind: 'refund',
      refundId: metadata?.['refund_id'] ?? null,
      providerRefundId: id,
      status: refundStatus(status),
      money: fromStripeAmount(amount, currency),
      reason: failure_reason ?? status ?? '',
    },
    about: { attemptId: metadata?.['attempt_id'] ?? null, sessionId: null, charge: idOf(payment_intent) },
    martId: metadata?.['mart_id'] ?? null,
  }
}

export function refundStatus(status: string | null): 'pending' | 'succeeded' | 'failed' {
  if (status === 'succeeded') return status
  return status === 'failed' || status === 'canceled' ? 'failed' : 'pending'
}

const ofCharge = ({ amount_refunded, currency, payment_intent, metadata }: StripeCharge): Notified => ({
  news: { kind: 'refunded_in_all', money: fromStripeAmount(amount_refunded, currency) },
  about: { attemptId: metadata?.['attempt_id'] ?? null, sessionId: null, charge: idOf(payment_intent) },
  martId: metadata?.['mart_id'] ?? null,
})

function ofDispute({ amount, currency, reason, status, payment_intent, metadata }: StripeDispute): Notified {
  const money = fromStripeAmount(amount, currency)
  const isClosed = status === 'won' || status === 'lost' || status === 'warning_closed'
  return {
    news: isClosed
      ? { kind: 'dispute_closed', money, reason, won: status !== 'lost' }
      : { kind: 'disputed', money, reason },
    about: { attemptId: null, sessionId: null, charge: idOf(payment_intent) },
    martId: metadata?.['mart_id'] ?? null,
  }
}

export const aboutSession = (session: StripeSession) => ({
  attemptId: session.client_reference_id ?? session.metadata?.['attempt_id'] ?? null,
  sessionId: session.id,
  charge: idOf(session.payment_intent),
})

function newsOfNotification(type: string, session: StripeSession): News | null {
  if (type === 'checkout.session.completed' || type === 'checkout.session.async_payment_succeeded') {
    return session.payment_status === 'unpaid' ? { kind: 'processing' } : paidBySession(session)
  }
  if (type === 'checkout.session.async_payment_failed') return { kind: 'failed', reason: 'the bank did not pay' }
  return type === 'checkout.session.expired' ? { kind: 'expired' } : null
}

function newsOfIntent(type: string, intent: StripeIntent): News | null {
  if (type === 'payment_intent.succeeded') return paidByIntent(intent)
  if (type === 'payment_intent.payment_failed') return { kind: 'declined', reason: reasonOf(intent) }
  return type === 'payment_intent.canceled' ? { kind: 'expired' } : null
}

/** What a session, read now and with its intent expanded, says about the end of an attempt. */
export function newsOfSession(session: StripeSession): News {
  if (session.status === 'expired') return { kind: 'expired' }
  if (session.status !== 'complete') return { kind: 'no_answer', reason: `the session is still ${session.status}` }
  if (session.payment_status !== 'unpaid') return paidBySession(session)
  const { payment_intent: intent } = session
  if (intent === null || typeof intent === 'string' || intent.status === 'processing') return { kind: 'processing' }
  return intent.status === 'succeeded' ? paidByIntent(intent) : { kind: 'failed', reason: reasonOf(intent) }
}

function paidBySession({ amount_total, currency, payment_intent: intent }: StripeSession): News {
  const fee = intent && typeof intent === 'object' ? feeOf(intent) : null
  return { kind: 'paid', money: fromStripeAmount(amount_total ?? 0, currency), ...(fee && { fee }) }
}

/** Known once the money is in our balance, which for some methods takes days. */
function feeOf({ latest_charge: charge }: StripeIntent): Money | null {
  const booked = typeof charge === 'string' ? null : charge?.balance_transaction
  return booked && typeof booked !== 'string' ? fromStripeAmount(booked.fee, booked.currency) : null
}

const paidByIntent = ({ amount_received, currency }: StripeIntent): News => ({
  kind: 'paid',
  money: fromStripeAmount(amount_received, currency),
})

const reasonOf = ({ last_payment_error: error }: StripeIntent): string =>
  error?.message ?? error?.code ?? 'the payment was declined'
