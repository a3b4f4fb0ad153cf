import { takeOne } from '../kit/control.ts'
import { newId, nowS } from '../kit/ids.ts'
import { type ApiRoute, type Call, route } from './api-route.ts'
import { formatAmount } from './currencies.ts'
import { refuseWhileDisputed } from './disputes.ts'
import { invalidRequest, noSuch } from './errors.ts'
import { say } from './events.ts'
import { expanded, expandParameter, listAnswer, listParameters } from './lists.ts'
import type { Cause, Charge, Plan, Refund } from './objects.ts'
import { choice, fields, integer, metadata, text } from './parameters.ts'
import type { Simulator } from './simulator.ts'
import { cardEndingIn } from './test-cards.ts'

const REFUND_TAKES_S = 5

const createParameters = fields({
  required: {},
  optional: {
    ...expandParameter,
    amount: integer({ least: 1 }),
    charge: text(),
    metadata,
    payment_intent: text(),
    reason: choice('duplicate', 'fraudulent', 'requested_by_customer'),
  },
  notSimulated: ['currency', 'customer', 'instructions_email', 'origin', 'refund_application_fee', 'reverse_transfer'],
})

type CreateRefund = ReturnType<typeof createParameters>

const listRefundsParameters = fields({
  required: {},
  optional: { ...listParameters, charge: text(), payment_intent: text() },
})

export const refundRoutes: ApiRoute[] = [
  route('POST', '/v1/refunds', createParameters, (simulator, wanted, { cause }: Call) =>
    expanded(simulator.store, createRefund(simulator, wanted, cause), wanted.expand),
  ),
  route('GET', '/v1/refunds', listRefundsParameters, ({ store }, { charge, payment_intent, ...paging }) => {
    const refunds = store.refunds
      .newestFirst()
      .filter((refund) => charge === undefined || refund.charge === charge)
      .filter((refund) => payment_intent === undefined || refund.payment_intent === payment_intent)
    return listAnswer(store, refunds, { url: '/v1/refunds', ...paging })
  }),
]

/** Ends a refund that was pending, or fails one that had seemed to succeed. */
export function settleRefund(simulator: Simulator, refund: Refund, outcome: 'succeeds' | 'fails'): boolean {
  const { store } = simulator
  store.plans.remove(refund.id)
  if (refund.status !== 'pending' && !(refund.status === 'succeeded' && outcome === 'fails')) return false
  if (outcome === 'succeeds') {
    refund.status = 'succeeded'
    delete refund.pending_reason
  } else {
    Object.assign(refund, {
      status: 'failed',
      failure_reason: 'lost_or_stolen_card',
      failure_balance_transaction: newId('txn_3'),
    })
  }
  store.refunds.put(refund)
  const charge = store.charges.get(refund.charge)
  if (charge) addUp(simulator, charge)
  say(simulator, 'refund.updated', refund)
  if (outcome === 'fails') say(simulator, 'refund.failed', refund)
  return true
}

function createRefund(simulator: Simulator, wanted: CreateRefund, cause: Cause): Refund {
  const { store } = simulator
  const charge = chargeToRefund(simulator, wanted)
  refuseWhileDisputed(simulator, charge)
  const left = charge.amount_captured - charge.amount_refunded
  const amount = wanted.amount ?? left
  if (left === 0)
    throw invalidRequest(`Charge ${charge.id} has already been refunded.`, { code: 'charge_already_refunded' })
  if (amount > left)
    throw invalidRequest(
      `Refund amount (${formatAmount(amount, charge.currency)}) is greater than unrefunded amount on charge (${formatAmount(left, charge.currency)})`,
      { param: 'amount' },
    )
  const [status, plan] = takeOne(simulator.control, 'pending_refunds') ? (['pending'] as const) : courseOf(charge)
  const refund = newRefund(charge, { ...wanted, amount, status })
  store.refunds.put(refund)
  if (plan) store.plans.put({ id: refund.id, atS: nowS() + REFUND_TAKES_S, what: plan })
  addUp(simulator, charge)
  say(simulator, 'refund.created', refund, cause)
  say(simulator, 'charge.refunded', charge, cause)
  return refund
}

function chargeToRefund({ store }: Simulator, { charge: chargeId, payment_intent: intentId }: CreateRefund): Charge {
  if (chargeId === undefined && intentId === undefined)
    throw invalidRequest('One of the following params should be provided for this request: payment_intent or charge.', {
      code: 'parameter_missing',
      param: 'payment_intent',
    })
  const intent = intentId === undefined ? undefined : store.paymentIntents.get(intentId)
  if (intentId !== undefined && !intent)
    throw noSuch('payment_intent', intentId, { param: 'payment_intent', status: 400 })
  const charge = store.charges.get(chargeId ?? intent?.latest_charge ?? '')
  if (chargeId !== undefined && !charge) throw noSuch('charge', chargeId, { param: 'charge', status: 400 })
  if (charge && intent && charge.payment_intent !== intent.id)
    throw invalidRequest(`Charge ${charge.id} does not belong to PaymentIntent ${intent.id}.`, { param: 'charge' })
  if (charge?.status !== 'succeeded')
    throw invalidRequest(
      `This ${intent ? `PaymentIntent (${intent.id})` : `Charge (${charge?.id})`} does not have a successful charge to refund.`,
      { param: intent ? 'payment_intent' : 'charge' },
    )
  return charge
}

/** A card's refund stands at once, a bank's takes its time; two test cards have courses of their own. */
function courseOf({ payment_method_details: details }: Charge): ['succeeded' | 'pending', Plan['what']?] {
  const refunds = cardEndingIn(details?.card?.last4 ?? '')?.refunds
  if (refunds === 'succeed_then_fail') return ['succeeded', 'refund_fails']
  if (refunds === 'pending_then_succeed' || details?.type !== 'card') return ['pending', 'refund_succeeds']
  return ['succeeded']
}

function newRefund(charge: Charge, wanted: CreateRefund & { amount: number; status: string }): Refund {
  return {
    id: newId('re_3'),
    object: 'refund',
    amount: wanted.amount,
    balance_transaction: newId('txn_3'),
    charge: charge.id,
    created: nowS(),
    currency: charge.currency,
    customer: null,
    customer_account: null,
    destination_details:
      charge.payment_method_details?.type === 'card'
        ? {
            type: 'card',
            card: { type: 'refund', reference_status: 'pending', reference_type: 'acquirer_reference_number' },
          }
        : { type: 'us_bank_transfer', us_bank_transfer: { reference: null, reference_status: null } },
    metadata: wanted.metadata ?? {},
    payment_intent: charge.payment_intent,
    payment_method: charge.payment_method,
    ...(wanted.status === 'pending' ? { pending_reason: 'processing' } : {}),
    reason: wanted.reason ?? null,
    receipt_number: null,
    source_transfer_reversal: null,
    status: wanted.status,
    transfer_reversal: null,
  }
}

function addUp({ store }: Simulator, charge: Charge): void {
  const refunds = store.refunds.all().filter((refund) => refund.charge === charge.id && refund.status !== 'failed')
  charge.amount_refunded = refunds.reduce((sum, refund) => sum + refund.amount, 0)
  charge.refunded = charge.amount_refunded === charge.amount
  store.charges.put(charge)
}
