import { newId, nowS } from '../kit/ids.ts'
import { say } from './events.ts'
import type { Charge, PaymentIntent, SessionRow } from './objects.ts'
import { bankDebitDetails, cardDetails, failed, newCharge, newPaymentIntent, succeeded } from './payment-objects.ts'
import type { Simulator } from './simulator.ts'
import { type Decline, findCard, type TestCard } from './test-cards.ts'

export type DebitOutcome = 'succeeds' | 'fails' | 'waits'

/** What a buyer does on the hosted page. */
export type Payment =
  | { by: 'card'; number: string }
  | { by: 'challenge'; passed: boolean }
  | { by: 'bank_debit'; outcome: DebitOutcome }

export type PaymentResult = 'completed' | 'challenge' | 'closed' | { declined: string }

const DEBIT_TAKES_S = 10
const DISPUTE_COMES_S = 5

const failedChallenge: Decline = {
  code: 'payment_intent_authentication_failure',
  message: 'We are unable to authenticate your payment method. Please choose a different payment method and try again.',
}

const returnedDebit: Decline = {
  code: 'payment_method_provider_decline',
  decline_code: 'insufficient_funds',
  message: "The customer's bank account could not be debited.",
}

export function pay(simulator: Simulator, row: SessionRow, payment: Payment): PaymentResult {
  const { session } = row
  if (session.status !== 'open') return 'closed'
  if (session.amount_total === 0) return complete(simulator, row, 'no_payment_required')
  if (payment.by === 'card') return payByCard(simulator, row, payment.number)
  if (payment.by === 'challenge') return answerChallenge(simulator, row, payment.passed)
  if (!session.payment_method_types.includes('us_bank_account'))
    return { declined: 'Bank debit is not offered for this payment.' }
  return payByBankDebit(simulator, row, payment.outcome)
}

/** The real end of a bank debit, days later with Stripe. Nothing where there is no debit under way. */
export function settleDebit(simulator: Simulator, row: SessionRow, outcome: 'succeeds' | 'fails'): boolean {
  const { store } = simulator
  const intent = store.paymentIntents.get(row.session.payment_intent ?? '')
  const charge = store.charges.get(intent?.latest_charge ?? '')
  store.plans.remove(row.id)
  if (intent?.status !== 'processing' || !charge) return false
  if (outcome === 'succeeds') {
    capture(simulator, intent, charge)
    row.session.payment_status = 'paid'
    store.sessions.put(row)
    say(simulator, 'checkout.session.async_payment_succeeded', row.session)
  } else {
    failCharge(simulator, charge, returnedDebit)
    failIntent(simulator, intent, returnedDebit)
    say(simulator, 'checkout.session.async_payment_failed', row.session)
  }
  return true
}

function payByCard(simulator: Simulator, row: SessionRow, number: string): PaymentResult {
  const { store } = simulator
  const card = findCard(number)
  if (!card) return { declined: 'Your card number is incorrect.' }
  const intent = intentOf(simulator, row)
  if (!card.asksChallenge) return charge(simulator, { row, intent, card })
  row.challenged = card.number
  store.sessions.put(row)
  Object.assign(intent, {
    status: 'requires_action',
    next_action: {
      type: 'redirect_to_url',
      redirect_to_url: { url: row.session.url, return_url: row.session.success_url },
    },
  })
  store.paymentIntents.put(intent)
  say(simulator, 'payment_intent.requires_action', intent)
  return 'challenge'
}

function answerChallenge(simulator: Simulator, row: SessionRow, passed: boolean): PaymentResult {
  const card = findCard(row.challenged ?? '')
  if (!card) return { declined: 'There is no 3-D Secure step to answer.' }
  const intent = intentOf(simulator, row)
  if (passed) return charge(simulator, { row, intent, card })
  endChallenge(simulator, row)
  return failIntent(simulator, intent, failedChallenge)
}

function charge(
  simulator: Simulator,
  { row, intent, card }: { row: SessionRow; intent: PaymentIntent; card: TestCard },
): PaymentResult {
  endChallenge(simulator, row)
  const made = newCharge(intent, cardDetails(card))
  intent.latest_charge = made.id
  if (card.decline) {
    failCharge(simulator, made, card.decline)
    return failIntent(simulator, intent, card.decline)
  }
  capture(simulator, intent, made)
  if (card.disputed) simulator.store.plans.put({ id: made.id, atS: nowS() + DISPUTE_COMES_S, what: 'charge_disputed' })
  return complete(simulator, row, 'paid')
}

function payByBankDebit(simulator: Simulator, row: SessionRow, outcome: DebitOutcome): PaymentResult {
  const { store } = simulator
  const intent = intentOf(simulator, row)
  endChallenge(simulator, row)
  const made = newCharge(intent, bankDebitDetails)
  store.charges.put(made)
  Object.assign(intent, { status: 'processing', latest_charge: made.id, next_action: null })
  store.paymentIntents.put(intent)
  say(simulator, 'charge.pending', made)
  say(simulator, 'payment_intent.processing', intent)
  const result = complete(simulator, row, 'unpaid')
  if (outcome !== 'waits') store.plans.put({ id: row.id, atS: nowS() + DEBIT_TAKES_S, what: `debit_${outcome}` })
  return result
}

/** The session's one intent, whatever the number of tries, with a new payment method for this try. */
function intentOf(simulator: Simulator, row: SessionRow): PaymentIntent {
  const { store } = simulator
  const known = store.paymentIntents.get(row.session.payment_intent ?? '')
  const intent = known ?? newPaymentIntent(row)
  if (!known) {
    row.session.payment_intent = intent.id
    store.sessions.put(row)
    say(simulator, 'payment_intent.created', intent)
  }
  Object.assign(intent, { payment_method: newId('pm_1'), last_payment_error: null })
  store.paymentIntents.put(intent)
  return intent
}

function endChallenge({ store }: Simulator, row: SessionRow): void {
  row.challenged = null
  store.sessions.put(row)
}

function capture(simulator: Simulator, intent: PaymentIntent, made: Charge): void {
  Object.assign(made, succeeded(made))
  simulator.store.charges.put(made)
  Object.assign(intent, { status: 'succeeded', amount_received: intent.amount, next_action: null })
  simulator.store.paymentIntents.put(intent)
  say(simulator, 'charge.succeeded', made)
  say(simulator, 'payment_intent.succeeded', intent)
}

function failCharge(simulator: Simulator, made: Charge, decline: Decline): void {
  Object.assign(made, failed(decline))
  simulator.store.charges.put(made)
  say(simulator, 'charge.failed', made)
}

/** Not the end: the intent takes another try. */
function failIntent(simulator: Simulator, intent: PaymentIntent, decline: Decline): PaymentResult {
  Object.assign(intent, {
    status: 'requires_payment_method',
    payment_method: null,
    next_action: null,
    last_payment_error: { type: 'card_error', ...decline },
  })
  simulator.store.paymentIntents.put(intent)
  say(simulator, 'payment_intent.payment_failed', intent)
  return { declined: decline.message }
}

function complete(simulator: Simulator, row: SessionRow, paymentStatus: 'paid' | 'unpaid' | 'no_payment_required') {
  const { session } = row
  Object.assign(session, {
    status: 'complete',
    payment_status: paymentStatus,
    url: null,
    customer_details: {
      address: null,
      business_name: null,
      email: session.customer_email ?? 'buyer@example.com',
      individual_name: null,
      name: 'Test Buyer',
      phone: null,
      tax_exempt: 'none',
      tax_ids: [],
    },
  })
  simulator.store.sessions.put(row)
  simulator.store.plans.remove(row.id)
  say(simulator, 'checkout.session.completed', session)
  return 'completed' as const
}
