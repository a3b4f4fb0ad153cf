import { type Money, minorDigits } from '@mart/contracts/money'
import { type Attempt, type Basket, type Payment, returnPath } from './payment.ts'

const MOST_LINES = 100
const MOST_LETTERS = 250

// Stripe's own list, which is not ISO 4217's: https://docs.stripe.com/currencies#zero-decimal
const zeroDecimal = new Set('BIF CLP DJF GNF JPY KMF KRW MGA PYG RWF VND VUV XAF XOF XPF'.split(' '))
const threeDecimal = new Set('BHD JOD KWD OMR TND'.split(' '))

const stripeDigits = (currency: string) => (zeroDecimal.has(currency) ? 0 : threeDecimal.has(currency) ? 3 : 2)

/** An amount as Stripe counts it, which for a few currencies (ISK) is not our minor unit. */
export const toStripeAmount = ({ amount, currency }: Money): number =>
  amount * 10 ** (stripeDigits(currency) - minorDigits(currency))

/** Stripe's amount in our minor unit; what ours cannot express is rounded up, or of no currency (XXX), so nobody asked for it. */
export function fromStripeAmount(amount: number, stripeCurrency: string | null): Money {
  const currency = /^[a-z]{3}$/i.test(stripeCurrency ?? '') ? stripeCurrency!.toUpperCase() : 'XXX'
  return { amount: Math.ceil(amount / 10 ** (stripeDigits(currency) - minorDigits(currency))), currency }
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
  const fits = sum === amount && items.length > 0 && items.length <= MOST_LINES
  const shown = fits ? items : [{ name: `Order ${basket?.number ?? ''}`.trim(), quantity: 1, amount }]
  return shown.map((item) => ({
    quantity: item.quantity,
    price_data: {
      currency: currency.toLowerCase(),
      unit_amount: toStripeAmount({ amount: item.amount, currency }),
      product_data: { name: [...item.name].slice(0, MOST_LETTERS).join('') || 'Item' },
    },
  }))
}

/** What the create call is remembered by at Stripe for a day. */
export const sessionKey = ({ id, key_number }: Attempt): string =>
  key_number === 1 ? `cs:${id}` : `cs:${id}:${key_number}`
