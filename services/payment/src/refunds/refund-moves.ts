import { isRepeatable } from '../payment-record.ts'
import type { Refund } from '../payment-tables.ts'
import type { RefundNews } from '../provider-news.ts'
import { backOff, type Change, callOf, type Moment } from '../record-change.ts'
import { ends, moveRefund, whyByHand } from './send-back.ts'

/** Stripe remembers a key for a day: later, a repeat might send the money twice. */
const REPEAT_FOR_MS = 20 * 60 * 60_000

/** A call for it has been claimed: it is made, unless it needs none, or must have none. */
export function beginRefund(draft: Change, moment: Moment, refund: Refund): void {
  const noWay = refund.status === 'requested' ? whyByHand(draft, refund) : null
  if (noWay) ends(draft, moment, refund, { status: 'failed', reason: noWay })
  else if (refund.status === 'requested') refund.status = 'calling'
  // Whoever had claimed it was stopped: nobody knows how far the call had come.
  else if (refund.status === 'calling' && !isRepeatable(refund)) {
    ends(draft, moment, refund, { status: 'unknown', reason: 'the answer was lost' })
  }
}

/** What a call for a refund was answered; a notification may have overtaken it. */
export function settleRefund(
  draft: Change,
  moment: Moment,
  { refundId, answer }: { refundId: string; answer: RefundNews },
): void {
  const refund = draft.refunds.find(({ id }) => id === refundId)
  if (!refund) throw new RangeError(`Refund ${refundId} is none of payment ${draft.payment.id}`)
  const { status } = refund
  if (answer.kind === 'unknown') {
    if (status === 'calling') ends(draft, moment, refund, { status: 'unknown', reason: answer.reason })
  } else if (answer.kind === 'no_answer' || answer.kind === 'nothing_made') {
    if (status === 'calling' || status === 'pending') callAgain(draft, moment, refund, answer)
  } else {
    const { kind, providerRefundId = null, ...why } = answer
    moveRefund(draft, moment, refund, { status: kind, providerRefundId, ...why })
  }
}

function callAgain(draft: Change, moment: Moment, refund: Refund, { kind, reason }: { kind: string; reason: string }) {
  if (refund.status === 'calling' && moment.now.getTime() - refund.created_at.getTime() > REPEAT_FOR_MS) {
    return ends(draft, moment, refund, { status: 'unknown', reason })
  }
  if (kind === 'nothing_made') refund.key_number += 1
  if (refund.status === 'calling' && (kind === 'nothing_made' || !isRepeatable(refund))) refund.status = 'requested'
  refund.error = reason
  const call = callOf(draft, moment, refund)
  if (call) backOff(call, moment)
}
