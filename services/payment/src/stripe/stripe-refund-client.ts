import { toStripeAmount } from '@mart/contracts/stripe-amounts'
import Stripe from 'stripe'
import type { Refund } from '../payment-tables.ts'
import type { RefundCall } from '../provider-calls/provider-calls.ts'
import type { RefundNews } from '../provider-news.ts'
import { refundStatus } from './stripe-event.ts'
import { stripeAmount } from './stripe-session.ts'

const { errors } = Stripe

/** Sends a charge back, or looks at what became of it when Stripe has it already. */
export async function refundAt(stripe: Stripe, call: RefundCall): Promise<RefundNews> {
  const { refund } = call
  if (toStripeAmount(refund) === null) return { kind: 'failed', reason: 'Stripe has no such amount' }
  try {
    if (refund.provider_refund_id) return newsOf(await stripe.refunds.retrieve(refund.provider_refund_id))
    return newsOf(await stripe.refunds.create(refundParameters(call), { idempotencyKey: refundKey(refund) }))
  } catch (error) {
    if (!isKeyUsedUp(error)) return newsOfRefusal(error)
    const made = await findRefund(stripe, refund).catch((fault: unknown) => newsOfRefusal(fault))
    if (made) return 'kind' in made ? made : newsOf(made)
    return { kind: 'nothing_made', reason: messageOf(error) }
  }
}

/** The refund of a charge; its id comes back with every notification, which may overtake the answer. */
export const refundParameters = ({ payment, attempt, refund, martId }: RefundCall) => ({
  payment_intent: refund.provider_payment_id ?? '',
  amount: stripeAmount(refund),
  metadata: { order_id: payment.order_id, attempt_id: attempt.id, refund_id: refund.id, mart_id: martId },
})

/** What the create call is remembered by at Stripe for a day. */
export const refundKey = ({ id, key_number }: Pick<Refund, 'id' | 'key_number'>): string =>
  key_number === 1 ? `refund:${id}` : `refund:${id}:${key_number}`

async function findRefund(stripe: Stripe, { id, provider_payment_id }: Refund): Promise<Stripe.Refund | null> {
  for await (const refund of stripe.refunds.list({ payment_intent: provider_payment_id ?? '', limit: 100 })) {
    if (refund.metadata?.['refund_id'] === id) return refund
  }
  return null
}

/** The SDK takes any JSON without an `error` for a success. */
function newsOf({ id, object, status, failure_reason }: Stripe.Refund): RefundNews {
  if (object !== 'refund' || typeof id !== 'string') {
    return { kind: 'no_answer', reason: 'Stripe: its answer is no refund' }
  }
  const now = refundStatus(status)
  if (now === 'failed') return { kind: 'failed', reason: failure_reason ?? 'it failed', providerRefundId: id }
  return { kind: now, providerRefundId: id }
}

function newsOfRefusal(error: unknown): RefundNews {
  if (!(error instanceof errors.StripeError)) throw error
  const isFinal = error instanceof errors.StripeInvalidRequestError && error.statusCode !== 409
  return isFinal ? { kind: 'failed', reason: error.message } : { kind: 'no_answer', reason: `Stripe: ${error.message}` }
}

export const messageOf = (error: unknown): string => (error instanceof Error ? error.message : String(error))

/** The key's kept answer is a failure, or it belongs to a call with other parameters: what that call did must be looked up. */
export function isKeyUsedUp(error: unknown): boolean {
  if (error instanceof errors.StripeIdempotencyError) return true
  if (!(error instanceof errors.StripeError)) return false
  return (error.statusCode ?? 0) >= 500 && error.headers?.['idempotent-replayed'] === 'true'
}
