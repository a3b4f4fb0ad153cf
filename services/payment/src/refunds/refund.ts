import type { Money } from '@mart/contracts/money'
import { toStripeAmount } from '@mart/contracts/stripe-amounts'
import { conflict, invalidInput, notFound } from '@mart/service-kit/errors'
import { type PaymentRecord, paidAttempt, refundable } from '../payment-record.ts'
import type { RefundTask } from '../payment-tables.ts'
import { type Change, changed, type Moment } from '../record-change.ts'
import { emitRefunded, sendBack } from './send-back.ts'

export interface RefundAsked {
  /** Not given: the rest. */
  readonly money?: Money | undefined
  /** Theirs; the customer reads the public one. */
  readonly reason: string
  readonly publicReason?: string | undefined
  readonly by: string
}

/** Staff ask for a refund: the last one of the record that is returned. Throws Refusal 409 refund_exceeds or nothing_to_refund, 422 for bad sums. */
export function askRefund(record: PaymentRecord, asked: RefundAsked, moment: Moment): Change {
  const { currency } = record.payment
  const left = refundable(record)
  const money = asked.money ?? { amount: left, currency }
  if (money.currency !== currency) {
    throw invalidInput([{ field: 'amount.currency', code: 'currency', message: `must be ${currency}` }])
  }
  if (left <= 0) throw conflict('nothing_to_refund', 'Nothing of this payment is left to refund.')
  if (money.amount === 0) throw invalidInput([{ field: 'amount.amount', code: 'minimum', message: 'must be >= 1' }])
  if (money.amount > left) {
    throw conflict('refund_exceeds', `Only ${left} ${currency} (minor units) of this payment is left to refund.`)
  }
  if (paidAttempt(record)?.method === 'stripe' && toStripeAmount(money) === null) {
    const message = 'is no sum that Stripe can send back: a smaller coin than it knows'
    throw invalidInput([{ field: 'amount.amount', code: 'sum_not_payable', message }])
  }
  return changed(record, moment, (draft) => {
    const attempt = paidAttempt(draft) ?? null
    const charge = attempt?.provider_payment_id ?? null
    const { reason, publicReason, by: askedBy } = asked
    const by = { reason, publicReason, askedBy, isExtra: false }
    sendBack(draft, moment, { attempt, charge, money, ...by })
  })
}

/** One of staff sees to a task. Throws Refusal 404, 409 already_done or already_taken (by somebody else). */
export function takeTask(
  record: PaymentRecord,
  { taskId, by }: { taskId: string; by: string },
  moment: Moment,
): Change {
  return changed(record, moment, (draft) => {
    const task = openTask(draft, taskId)
    if (task.taken_by === by) return
    if (task.taken_by) throw conflict('already_taken', 'Somebody else sees to this refund task.')
    Object.assign(task, { taken_by: by, taken_at: moment.now })
  })
}

/** Staff have seen to a task: the money of a refund is sent. Throws Refusal 404, 409 already_done. */
export function finishRefund(
  record: PaymentRecord,
  { taskId, by, note }: { taskId: string; by: string; note: string },
  moment: Moment,
): Change {
  return changed(record, moment, (draft) => {
    const task = openTask(draft, taskId)
    Object.assign(task, { done_by: by, done_at: moment.now, note })
    const refund = draft.refunds.find(({ id }) => id === task.refund_id)
    if (!refund) return
    refund.status = 'succeeded'
    emitRefunded(draft, refund)
  })
}

function openTask({ tasks }: PaymentRecord, taskId: string): RefundTask {
  const task = tasks.find(({ id }) => id === taskId)
  if (!task) throw notFound('refund task')
  if (task.done_at) throw conflict('already_done', 'This refund task is done already.')
  return task
}
