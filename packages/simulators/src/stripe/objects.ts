import type Stripe from 'stripe'

export type { Delivery } from '../kit/deliveries.ts'

/** Request that caused an event; null where the buyer or the clock did. */
export type Cause = { id: string | null; idempotency_key: string | null }

export type Session = Omit<Stripe.Checkout.Session, 'payment_intent'> & { payment_intent: string | null }
export type PaymentIntent = Omit<Stripe.PaymentIntent, 'latest_charge'> & { latest_charge: string | null }
export type Charge = Omit<Stripe.Charge, 'payment_intent'> & { payment_intent: string }
export type Refund = Omit<Stripe.Refund, 'charge' | 'payment_intent'> & { charge: string; payment_intent: string }
export type Dispute = Omit<Stripe.Dispute, 'charge' | 'payment_intent'> & { charge: string; payment_intent: string }
export type LineItem = Omit<Stripe.LineItem, 'price'> & {
  price: Omit<Stripe.Price, 'unit_amount_decimal'> & { unit_amount_decimal: string }
}

/** The object of an event is a snapshot: it keeps saying what was true when the event happened. */
export type Event = {
  id: string
  object: 'event'
  api_version: string
  created: number
  data: { object: object }
  livemode: false
  request: Cause
  type: string
}

/** A session with what Stripe keeps about it and shows only elsewhere. */
export type SessionRow = {
  id: string
  session: Session
  lines: LineItem[]
  intentData: {
    description?: string
    metadata?: Record<string, string>
    receipt_email?: string
    statement_descriptor_suffix?: string
  }
  /** The card whose 3-D Secure step is open. */
  challenged: string | null
}

/** What the clock will do to an object when its time comes. */
export type Plan = {
  id: string
  atS: number
  what: 'session_expires' | 'debit_succeeds' | 'debit_fails' | 'charge_disputed' | 'refund_succeeds' | 'refund_fails'
}

/** The first answer that an idempotency key got. */
export type KeptAnswer = {
  id: string
  endpoint: string
  parameters: string
  status: number
  body: string
  requestId: string
  atS: number
}
