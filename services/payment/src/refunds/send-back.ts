import { PaymentRefunded, PaymentRefundNeeded } from '@mart/contracts/events/payment-events'
import type { Money } from '@mart/contracts/money'
import { toStripeAmount } from '@mart/contracts/stripe-amounts'
import { refundedOf, taskOf } from '../payment-record.ts'
import { type Attempt, newRow, type Refund, refundColumns, taskColumns } from '../payment-tables.ts'
import { aboutPayment, type Change, callOf, emit, type Moment, postpone } from '../record-change.ts'

export interface BackWanted {
  readonly attempt: Attempt | null
  readonly charge: string | null
  readonly money: Money
  readonly reason: string
  /** Came besides what pays the order. */
  readonly isExtra: boolean
  readonly askedBy?: string
  /** The return of goods that it is for. */
  readonly returnId?: string
  /** What the customer reads instead of the reason. */
  readonly publicReason?: string | undefined
  /** Already made, by somebody at the provider. */
  readonly madeAs?: string
}

/** Writes down money that goes back: the provider is called for it, or, where that is no way, a person sends it. */
export function sendBack(draft: Change, moment: Moment, wanted: BackWanted): Refund {
  const { attempt, charge, money, reason, isExtra, askedBy, madeAs } = wanted
  const public_reason = wanted.publicReason ?? null
  const refund = newRow(refundColumns, {
    id: moment.newId(),
    payment_id: draft.payment.id,
    attempt_id: attempt?.id ?? null,
    method: attempt?.method ?? draft.payment.method,
    provider_payment_id: charge,
    provider_refund_id: madeAs ?? null,
    status: madeAs ? 'pending' : 'requested',
    amount: money.amount,
    currency: money.currency,
    is_extra: isExtra,
    reason,
    public_reason,
    asked_by: askedBy ?? null,
    return_id: wanted.returnId ?? null,
    created_at: moment.now,
  })
  draft.refunds.push(refund)
  const noWay = madeAs ? null : whyByHand(draft, refund)
  if (noWay) ends(draft, moment, refund, { status: 'failed', reason: noWay })
  return refund
}

/** Why, as the customer may read it: our code, or what staff wrote for him. */
export const publicReason = (refund: Pick<Refund, 'reason' | 'public_reason' | 'asked_by'>): string =>
  refund.asked_by === null ? refund.reason : (refund.public_reason ?? 'refunded_by_shop')

/** Why no provider can send it back; null when one can. */
export function whyByHand({ payment }: Change, refund: Refund): string | null {
  if (refund.attempt_id === null || refund.provider_payment_id === null) return 'no provider has this money'
  if (refund.method === 'stripe' && toStripeAmount(refund) === null) return 'Stripe knows no such sum'
  // The bank may take it back by itself: sent as well, it would be gone twice.
  return payment.dispute_status === null || payment.dispute_status === 'won' ? null : 'the payment is disputed'
}

export interface RefundTold {
  readonly status: 'pending' | 'succeeded' | 'failed'
  readonly providerRefundId: string | null
  readonly reason?: string
}

const ASK_AGAIN_MS = 60 * 60_000

/** What a provider says of a refund, in whatever order: forward only, a failure it names is the last word. */
export function moveRefund(draft: Change, moment: Moment, refund: Refund, told: RefundTold): void {
  const wasNamed = refund.provider_refund_id !== null
  if (wasNamed && told.providerRefundId !== null && told.providerRefundId !== refund.provider_refund_id) {
    draft.alarms.push(`Refund ${refund.id} was sent as ${refund.provider_refund_id}, and as ${told.providerRefundId}`)
    return
  }
  const isByHand = taskOf(draft, refund)?.done_by != null
  if (isByHand) {
    if (!wasNamed && told.providerRefundId !== null && told.status !== 'failed') {
      draft.alarms.push(`Refund ${refund.id} was sent by hand, and as ${told.providerRefundId}`)
    }
    refund.provider_refund_id ??= told.providerRefundId
    return
  }
  refund.provider_refund_id ??= told.providerRefundId
  if (refund.status === 'failed' && wasNamed) return
  if (told.status === 'failed') ends(draft, moment, refund, { status: 'failed', reason: told.reason ?? 'it failed' })
  else if (told.status === 'succeeded') succeeds(draft, moment, refund)
  else if (refund.status !== 'succeeded') {
    Object.assign(refund, { status: 'pending', error: null })
    const call = callOf(draft, moment, refund)
    if (!call) return
    postpone(call, moment, ASK_AGAIN_MS)
    call.tries = 0
  }
}

function succeeds(draft: Change, { now }: Moment, refund: Refund): void {
  if (refund.status === 'succeeded') return
  Object.assign(refund, { status: 'succeeded', error: null })
  const task = taskOf(draft, refund)
  if (task) Object.assign(task, { done_at: now, note: 'The provider has sent it back.' })
  emitRefunded(draft, refund)
}

const ofReturn = ({ return_id }: Refund) => (return_id === null ? {} : { return_id })

export function emitRefunded(draft: Change, refund: Refund): void {
  const { currency } = draft.payment
  emit(draft, PaymentRefunded, {
    ...aboutPayment(draft, refund.method),
    refund_id: refund.id,
    refunded: { amount: refund.amount, currency: refund.currency },
    // Extra money that went back is not in it: an order that stays paid must not look refunded.
    refunded_in_all: { amount: refundedOf(draft), currency },
    ...ofReturn(refund),
  })
}

/** No call will bring it any further: a person sees to it, by a task. */
export function ends(
  draft: Change,
  moment: Moment,
  refund: Refund,
  { status, reason }: { status: 'failed' | 'unknown'; reason: string },
): void {
  if (refund.status === status) return
  Object.assign(refund, { status, error: reason })
  const task = taskOf(draft, refund)
  if (task) {
    // It had seemed to be sent.
    Object.assign(task, { done_at: null, note: null })
    return
  }
  const { attempt_id, method, provider_payment_id, amount, currency } = refund
  const id = moment.newId()
  draft.tasks.push(
    newRow(taskColumns, {
      id,
      payment_id: draft.payment.id,
      order_id: draft.payment.order_id,
      kind: 'refund',
      refund_id: refund.id,
      attempt_id,
      method,
      provider_payment_id,
      amount,
      currency,
      reason: refund.reason,
      asked_by: refund.asked_by,
    }),
  )
  const about = { ...aboutPayment(draft, method), refund_task_id: id }
  const why = { reason: publicReason(refund), ...ofReturn(refund) }
  emit(draft, PaymentRefundNeeded, { ...about, to_refund: { amount, currency }, ...why })
}
