import type { Money } from '@mart/contracts/money'
import { fromStripeAmount, toStripeAmount } from '@mart/contracts/stripe-amounts'
import { returnPath } from '../payment-record.ts'
import type { Attempt, Basket, Payment } from '../payment-tables.ts'
import type { News } from '../provider-news.ts'
import { paidByIntent, paidBySession, reasonOf, type StripeIntent, type StripeSession } from './stripe-event.ts'

const MOST_LINES = 100
const MOST_LETTERS = 250

/** An amount as Stripe counts it. Throws RangeError for one that it cannot take: never another sum instead. */
export function stripeAmount(money: Money): number {
  const there = toStripeAmount(money)
  if (there === null) throw new RangeError(`Stripe cannot take ${money.amount} ${money.currency} (minor units)`)
  return there
}

export interface SessionWanted {
  readonly payment: Payment
  readonly attempt: Attempt
  readonly martId: string
  readonly publicUrl: string
}

/** The Checkout Session of an attempt. The same attempt gives the same parameters, or its idempotency key would be refused. */
export function sessionParameters({ payment, attempt, martId, publicUrl }: SessionWanted) {
  const metadata = { order_id: payment.order_id, attempt_id: attempt.id, mart_id: martId }
  const back = publicUrl + returnPath(attempt)
  const email = attempt.basket?.email
  return {
    mode: 'payment' as const,
    client_reference_id: attempt.id,
    metadata,
    payment_intent_data: { metadata },
    line_items: lineItems(payment, attempt.basket),
    success_url: back,
    cancel_url: back,
    ...(email ? { customer_email: email } : {}),
    ...(attempt.expires_at ? { expires_at: Math.floor(attempt.expires_at.getTime() / 1000) } : {}),
  }
}

/** The order's lines and its shipping; one line for all where Stripe would not take them, or they are not the whole sum. */
function lineItems({ amount, currency }: Payment, basket: Basket | null) {
  const items = (basket?.lines ?? []).map(({ name, quantity, unit_price }) => ({ name, quantity, amount: unit_price }))
  if (basket && basket.shipping > 0) items.push({ name: 'Shipping', quantity: 1, amount: basket.shipping })
  const sum = items.reduce((total, item) => total + item.amount * item.quantity, 0)
  const canTakeEach = items.every((item) => toStripeAmount({ amount: item.amount, currency }) !== null)
  const fits = sum === amount && items.length > 0 && items.length <= MOST_LINES && canTakeEach
  const shown = fits ? items : [{ name: `Order ${basket?.number ?? ''}`.trim(), quantity: 1, amount }]
  return shown.map((item) => ({
    quantity: item.quantity,
    price_data: {
      currency: currency.toLowerCase(),
      unit_amount: stripeAmount({ amount: item.amount, currency }),
      product_data: { name: [...item.name].slice(0, MOST_LETTERS).join('') || 'Item' },
    },
  }))
}

/** What the create call is remembered by at Stripe for a day. */
export const sessionKey = ({ id, key_number }: Attempt): string =>
  key_number === 1 ? `cs:${id}` : `cs:${id}:${key_number}`

/** What a session, read now and with its intent expanded, says about the end of an attempt. */
export function newsOfSession(session: StripeSession): News {
  if (session.status === 'expired') return { kind: 'expired' }
  if (session.status !== 'complete') return { kind: 'no_answer', reason: `the session is still ${session.status}` }
  const { payment_intent: intent } = session
  if (session.payment_status !== 'unpaid') {
    const fee = intent && typeof intent === 'object' ? feeOf(intent) : null
    return { ...paidBySession(session), ...(fee && { fee }) }
  }
  if (!intent || typeof intent === 'string' || intent.status === 'processing') return { kind: 'processing' }
  return intent.status === 'succeeded' ? paidByIntent(intent) : { kind: 'failed', reason: reasonOf(intent) }
}

/** Known once the money is in our balance, which for some methods takes days. */
function feeOf({ latest_charge: charge }: StripeIntent): Money | null {
  const booked = typeof charge === 'string' ? null : charge?.balance_transaction
  return booked && typeof booked !== 'string' ? fromStripeAmount(booked.fee, booked.currency) : null
}
