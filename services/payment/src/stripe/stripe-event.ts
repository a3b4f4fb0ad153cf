import { MAX_AMOUNT } from '@mart/contracts/money'
import { fromStripeAmount } from '@mart/contracts/stripe-amounts'
import { Refusal } from '@mart/service-kit/errors'
import { type Static, type TSchema, Type } from 'typebox'
import { Compile } from 'typebox/compile'
import type { News, Notified } from '../provider-news.ts'

/** What we read of Stripe's objects; whatever else is in them passes. */
const text = Type.String({ maxLength: 5_000, pattern: '^[^\\0\\p{Cs}]*$' })
const maybe = <Schema extends TSchema>(schema: Schema) => Type.Optional(Type.Union([schema, Type.Null()]))
const metadata = maybe(Type.Record(Type.String(), Type.String()))
const amount = Type.Integer({ minimum: 0, maximum: MAX_AMOUNT })
const reference = maybe(Type.Union([text, Type.Object({ id: text })]))

const Charged = Type.Object({
  balance_transaction: maybe(Type.Union([text, Type.Object({ fee: Type.Integer(), currency: text })])),
})

const Intent = Type.Object({
  id: text,
  status: maybe(text),
  amount_received: maybe(amount),
  currency: maybe(text),
  metadata,
  /** Expanded where it is asked for. */
  latest_charge: maybe(Type.Union([text, Charged])),
  last_payment_error: maybe(Type.Object({ message: maybe(text), code: maybe(text), decline_code: maybe(text) })),
})
export type StripeIntent = Static<typeof Intent>

/** As the API and the webhooks send it. */
const Session = Type.Object({
  id: text,
  status: maybe(text),
  payment_status: text,
  payment_intent: maybe(Type.Union([text, Intent])),
  amount_total: maybe(amount),
  currency: maybe(text),
  client_reference_id: maybe(text),
  metadata,
})
export type StripeSession = Static<typeof Session>

const moved = { payment_intent: reference, amount, currency: text, metadata }
const Refund = Type.Object({ ...moved, id: text, status: maybe(text), failure_reason: maybe(text) })
const Charge = Type.Object({ payment_intent: reference, amount_refunded: amount, currency: text, metadata })

const Dispute = Type.Object({ ...moved, status: Type.Optional(text), reason: text })

const name = Type.String({ minLength: 1, maxLength: 255, pattern: '^[^\\0\\p{Cs}]*$' })
const Event = Type.Object({
  id: name,
  type: name,
  created: Type.Integer({ minimum: 0, maximum: 100_000_000_000 }),
  data: Type.Object({ object: Type.Object({}) }),
})
export type StripeEvent = Static<typeof Event>

const check = <Shape extends TSchema>(shape: Shape) => {
  const compiled = Compile(shape)
  return (value: unknown): value is Static<Shape> => compiled.Check(value)
}
export const isIntent = check(Intent)
export const isSession = check(Session)
export const isRefund = check(Refund)
export const isCharge = check(Charge)
export const isDispute = check(Dispute)
const hasEventsFields = check(Event)

/** No object of Stripe's is as deep; what is deeper neither we nor PostgreSQL could write down. */
const MOST_LEVELS = 50

/** An event, whatever its object is. */
export const isEvent = (value: unknown): value is StripeEvent => isShallow(value, MOST_LEVELS) && hasEventsFields(value)

const isShallow = (value: unknown, levels: number): boolean =>
  typeof value !== 'object' ||
  value === null ||
  (levels > 0 && Object.values(value).every((one) => isShallow(one, levels - 1)))

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
  'payment_intent.payment_failed': (intent) => ({ kind: 'declined', reason: reasonOf(intent), code: codeOf(intent) }),
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
function ofRefund({
  id,
  status,
  amount,
  currency,
  failure_reason,
  metadata,
  payment_intent,
}: Static<typeof Refund>): Notified {
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

const ofCharge = ({ amount_refunded, currency, payment_intent, metadata }: Static<typeof Charge>): Notified => ({
  news: { kind: 'refunded_in_all', money: fromStripeAmount(amount_refunded, currency) },
  about: { attemptId: metadata?.['attempt_id'] ?? null, sessionId: null, charge: idOf(payment_intent) },
  martId: metadata?.['mart_id'] ?? null,
})

function ofDispute({ amount, currency, reason, status, payment_intent, metadata }: Static<typeof Dispute>): Notified {
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

export function paidBySession({ amount_total, currency }: StripeSession) {
  if (amount_total == null) throw new Refusal(400, 'malformed_event', 'A session that is paid names no sum.')
  return { kind: 'paid' as const, money: fromStripeAmount(amount_total, currency) }
}

export function paidByIntent({ amount_received, currency }: StripeIntent): News {
  if (amount_received == null) throw new Refusal(400, 'malformed_event', 'A payment that succeeded names no sum.')
  return { kind: 'paid', money: fromStripeAmount(amount_received, currency) }
}

export const reasonOf = ({ last_payment_error: error }: StripeIntent): string =>
  error?.message ?? error?.code ?? 'the payment was declined'

/** The bank's word where there is one, else Stripe's. */
const codeOf = ({ last_payment_error: error }: StripeIntent): string | undefined =>
  error?.decline_code ?? error?.code ?? undefined
