import { isRepeatable, type PaymentRecord } from '../payment-record.ts'
import type { Refund } from '../payment-tables.ts'
import { type Leases, leaseEnd } from '../provider-calls/leases.ts'
import type { RefundNews } from '../provider-calls/provider-calls.ts'
import { type Change, changed, type Moment } from '../record-change.ts'
import { ends, moveRefund, whyByHand } from './send-back.ts'

const MAX_BACKOFF_MS = 60_000
/** Stripe remembers a key for a day: later, a repeat might send the money twice. */
const REPEAT_FOR_MS = 20 * 60 * 60_000

/** Takes the refund that is due for a call and puts it under a lease. Null: what was due needs no call, or must have none. */
export function leaseRefund(
  record: PaymentRecord,
  moment: Moment,
  leases: Leases,
): { change: Change; refund: Refund | null } {
  const { now } = moment
  let taken: string | undefined
  const change = changed(record, moment, (draft) => {
    const refund = draft.refunds.find(({ next_call_at }) => next_call_at !== null && next_call_at <= now)
    if (!refund) return
    const noWay = refund.status === 'requested' ? whyByHand(draft, refund) : null
    if (noWay) return ends(draft, moment, refund, { status: 'failed', reason: noWay })
    // Whoever held the lease was stopped: nobody knows how far the call had come.
    if (refund.status === 'calling' && !isRepeatable(refund)) {
      return ends(draft, moment, refund, { status: 'unknown', reason: 'the answer was lost' })
    }
    if (refund.status === 'requested') refund.status = 'calling'
    refund.next_call_at = leaseEnd(leases, refund.method, now)
    taken = refund.id
  })
  return { change, refund: change.refunds.find(({ id }) => id === taken) ?? null }
}

/** What a call for a refund was answered; a notification may have overtaken it. */
export function settleRefund(
  record: PaymentRecord,
  { refundId, news }: { refundId: string; news: RefundNews },
  moment: Moment,
): Change {
  return changed(record, moment, (draft) => {
    const refund = draft.refunds.find(({ id }) => id === refundId)
    if (!refund) throw new RangeError(`Refund ${refundId} is none of payment ${draft.payment.id}`)
    switch (news.kind) {
      case 'succeeded':
      case 'pending':
        return moveRefund(draft, moment, refund, { status: news.kind, providerRefundId: news.providerRefundId })
      case 'failed':
        return moveRefund(draft, moment, refund, {
          status: 'failed',
          providerRefundId: news.providerRefundId ?? null,
          reason: news.reason,
        })
      case 'unknown':
        if (refund.status === 'calling') ends(draft, moment, refund, { status: 'unknown', reason: news.reason })
        return
      default:
        if (refund.status === 'calling' || refund.status === 'pending') callAgain(draft, moment, refund, news)
    }
  })
}

function callAgain(draft: Change, moment: Moment, refund: Refund, { kind, reason }: { kind: string; reason: string }) {
  const { now } = moment
  if (refund.status === 'calling' && now.getTime() - refund.created_at.getTime() > REPEAT_FOR_MS) {
    return ends(draft, moment, refund, { status: 'unknown', reason })
  }
  if (kind === 'nothing_made') refund.key_number += 1
  if (refund.status === 'calling' && (kind === 'nothing_made' || !isRepeatable(refund))) refund.status = 'requested'
  const waitMs = Math.min(MAX_BACKOFF_MS, 500 * 2 ** refund.tries)
  Object.assign(refund, { tries: refund.tries + 1, error: reason, next_call_at: new Date(now.getTime() + waitMs) })
}
