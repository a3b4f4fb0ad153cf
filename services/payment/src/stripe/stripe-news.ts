import type { Money } from '@mart/contracts/money'
import { fromStripeAmount } from '@mart/contracts/stripe-amounts'
import { Refusal } from '@mart/service-kit/errors'
import type { About, News } from '../provider-news.ts'
import {
  isCharge,
  isDispute,
  isIntent,
  isRefund,
  isSession,
  type StripeCharge,
  type StripeDispute,
  type StripeEvent,
  type StripeIntent,
  type StripeRefund,
  type StripeSession,
} from './stripe-objects.ts'

/** A notification's news, and by what its payment can be found. */
export interface Notified {
  readonly news: News
  readonly about: Omit<About, 'attemptId'> & { readonly attemptId: string | null }
  readonly martId: string | null
}

const idOf = (reference: string | { readonly id: string } | null | undefined): string | null =>
  typeof reference === 'string' ? reference : (reference?.id ?? null)

/**
 * What an event of Stripe means; null for the many that mean nothing to us. Throws Refusal 400 malformed_event where its
 * object is none that such an event has.
 */
export function readEvent({ type, data: { object } }: StripeEvent): Notified | null {
  const readAs = <Shape>(isOne: (value: unknown) => value is Shape): Shape => {
    if (isOne(object)) return object
    throw new Refusal(400, 'malformed_event', `The object of this ${type} is none that we can read.`)
  }
  const sessionNews = newsOfSessionBy[type]
  if (sessionNews) return ofSession(readAs(isSession), sessionNews)
  const intentNews = newsOfIntentBy[type]
  if (intentNews) return ofIntent(readAs(isIntent), intentNews)
  if (type.startsWith('refund.') || type === 'charge.refund.updated') return ofRefund(readAs(isRefund))
  if (type === 'charge.refunded') return ofCharge(readAs(isCharge))
  return type.startsWith('charge.dispute.') ? ofDispute(readAs(isDispute)) : null
}

const completed = (session: StripeSession): News =>
  session.payment_status === 'unpaid' ? { kind: 'processing' } : paidBySession(session)

const newsOfSessionBy: Readonly<Record<string, (session: StripeSession) => News>> = {
  'checkout.session.completed': completed,
  'checkout.session.async_payment_succeeded': completed,
  'checkout.session.async_payment_failed': () => ({ kind: 'failed', reason: 'the bank did not pay' }),
  'checkout.session.expired': () => ({ kind: 'expired' }),
}

const newsOfIntentBy: Readonly<Record<string, (intent: StripeIntent) => News>> = {
  'payment_intent.succeeded': (intent) => paidByIntent(intent),
  'payment_intent.payment_failed': (intent) => ({ kind: 'declined', reason: reasonOf(intent) }),
  'payment_intent.canceled': () => ({ kind: 'expired' }),
}

const ofSession = (session: StripeSession, newsOf: (session: StripeSession) => News): Notified => ({
  news: newsOf(session),
  about: aboutSession(session),
  martId: session.metadata?.['mart_id'] ?? null,
})

const ofIntent = (intent: StripeIntent, newsOf: (intent: StripeIntent) => News): Notified => ({
  news: newsOf(intent),
  about: { attemptId: intent.metadata?.['attempt_id'] ?? null, sessionId: null, charge: intent.id },
  martId: intent.metadata?.['mart_id'] ?? null,
})

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

export function refundStatus(status: string | null | undefined): 'pending' | 'succeeded' | 'failed' {
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

/** What a session, read now and with its intent expanded, says about the end of an attempt. */
export function newsOfSession(session: StripeSession): News {
  if (session.status === 'expired') return { kind: 'expired' }
  if (session.status !== 'complete') return { kind: 'no_answer', reason: `the session is still ${session.status}` }
  if (session.payment_status !== 'unpaid') return paidBySession(session)
  const { payment_intent: intent } = session
  if (!intent || typeof intent === 'string' || intent.status === 'processing') return { kind: 'processing' }
  return intent.status === 'succeeded' ? paidByIntent(intent) : { kind: 'failed', reason: reasonOf(intent) }
}

function paidBySession({ amount_total, currency, payment_intent: intent }: StripeSession): News {
  if (amount_total == null) throw new Refusal(400, 'malformed_event', 'A session that is paid names no sum.')
  const fee = intent && typeof intent === 'object' ? feeOf(intent) : null
  return { kind: 'paid', money: fromStripeAmount(amount_total, currency), ...(fee && { fee }) }
}

/** Known once the money is in our balance, which for some methods takes days. */
function feeOf({ latest_charge: charge }: StripeIntent): Money | null {
  const booked = typeof charge === 'string' ? null : charge?.balance_transaction
  return booked && typeof booked !== 'string' ? fromStripeAmount(booked.fee, booked.currency) : null
}

function paidByIntent({ amount_received, currency }: StripeIntent): News {
  if (amount_received == null) throw new Refusal(400, 'malformed_event', 'A payment that succeeded names no sum.')
  return { kind: 'paid', money: fromStripeAmount(amount_received, currency) }
}

const reasonOf = ({ last_payment_error: error }: StripeIntent): string =>
  error?.message ?? error?.code ?? 'the payment was declined'
