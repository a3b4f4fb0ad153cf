import type { PaymentStatus } from '@mart/contracts/http/payment-shapes'
import { type AttemptStatus, isLive, keptMoney, type Story, takesBackKept } from './payment.ts'

const byNewestAttempt: Record<AttemptStatus, PaymentStatus> = {
  created: 'pending',
  calling: 'pending',
  open: 'action_required',
  processing: 'processing',
  succeeded: 'succeeded',
  failed: 'failed',
  voiding: 'pending',
  voided: 'voided',
  expired: 'failed',
}

/** What the payment is, by what its attempts, its refunds and the order's end make of it. */
export function statusOf(story: Story): PaymentStatus {
  const { payment, attempts, order_void, refunds } = story
  const kept = keptMoney(story)
  if (kept !== null) {
    if (payment.refunded === 0) return 'succeeded'
    return payment.refunded < kept ? 'partially_refunded' : 'refunded'
  }
  if (order_void) {
    if (attempts.some(isLive)) return 'pending'
    if (payment.refunded === 0) return 'voided'
    const owed = refunds.some((refund) => refund.status !== 'succeeded' && takesBackKept(story, refund))
    return owed ? 'partially_refunded' : 'refunded'
  }
  if (payment.method === 'cash_on_delivery') return payment.status === 'due_on_delivery' ? payment.status : 'pending'
  const newest = attempts.toSorted((one, other) => other.number - one.number)[0]
  return newest ? byNewestAttempt[newest.status] : 'pending'
}
