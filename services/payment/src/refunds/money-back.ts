import { PaymentDisputeClosed, PaymentDisputed } from '@mart/contracts/events/payment-events'
import type { Money } from '@mart/contracts/money'
import { paidAttempt } from '../payment-record.ts'
import type { Attempt, Refund } from '../payment-tables.ts'
import { aboutPayment, type Change, emit, type Moment } from '../record-change.ts'
import { moveRefund, type RefundTold, sendBack } from './send-back.ts'

interface Heard extends RefundTold {
  readonly refundId: string | null
  readonly providerRefundId: string
  readonly money: Money
  readonly reason: string
  readonly charge: string | null
}

/** A notification about a refund: of ours, or of one that a person made at the provider. */
export function applyRefundNews(draft: Change, moment: Moment, attempt: Attempt, heard: Heard): void {
  const known =
    draft.refunds.find(({ provider_refund_id }) => provider_refund_id === heard.providerRefundId) ??
    draft.refunds.find(({ id }) => id === heard.refundId) ??
    doneAtProvider(draft, heard)
  const refund = known ?? adopt(draft, moment, attempt, heard)
  if (refund) moveRefund(draft, moment, refund, heard)
  else if (heard.status !== 'failed') {
    draft.alarms.push(
      `Order ${draft.payment.order_id}: ${heard.providerRefundId} took back money that we do not know of`,
    )
  }
}

/** Staff have done a task at the provider: its refund is the one that they made. */
const doneAtProvider = ({ refunds }: Change, { refundId, charge, money }: Heard): Refund | undefined =>
  refunds.find(
    (refund) =>
      refundId === null &&
      refund.provider_refund_id === null &&
      refund.provider_payment_id === charge &&
      (refund.status === 'failed' || refund.status === 'unknown') &&
      refund.amount === money.amount &&
      refund.currency === money.currency,
  )

function adopt(draft: Change, moment: Moment, attempt: Attempt, heard: Heard): Refund | null {
  const { charge, money, status, providerRefundId: madeAs } = heard
  const paid = paidAttempt(draft)
  const isOfOrder = paid?.id === attempt.id && paid.provider_payment_id === charge
  if (!isOfOrder || status === 'failed' || money.currency !== draft.payment.currency) return null
  return sendBack(draft, moment, { attempt, charge, money, reason: 'made_at_provider', isExtra: false, madeAs })
}

/** A bank asks for money back: the goods stay, staff are told. Told again, or after its end, it does nothing. */
export function dispute(draft: Change, attempt: Attempt, { money, reason }: { money: Money; reason: string }): void {
  const { payment } = draft
  if (payment.dispute_status !== null) return
  Object.assign(payment, { disputed: true, dispute_status: 'open', disputed_amount: money.amount })
  emit(draft, PaymentDisputed, { ...aboutPayment(draft, attempt.method), disputed: money, reason })
}

/** The bank has decided: the first decision stands. */
export function closeDispute(draft: Change, attempt: Attempt, { money, won }: { money: Money; won: boolean }): void {
  const { payment } = draft
  if (payment.dispute_status !== 'open') return
  Object.assign(payment, { disputed: !won, dispute_status: won ? 'won' : 'lost' })
  emit(draft, PaymentDisputeClosed, { ...aboutPayment(draft, attempt.method), disputed: money, won })
}
