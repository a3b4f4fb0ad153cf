import { PaymentFailed, PaymentSucceeded } from '@mart/contracts/events/payment-events'
import type { Money } from '@mart/contracts/money'
import { isLive, keptMoney } from './payment-record.ts'
import type { Attempt } from './payment-tables.ts'
import { aboutAttempt, type Change, endAttempt, type Moment, tell } from './record-change.ts'
import { sendBack } from './refunds/send-back.ts'

interface Arrival {
  readonly money: Money
  /** The provider's name for it; null where there was nothing to take. */
  readonly charge: string | null
}

/** Money has arrived at the provider: it pays the order, or goes back. Told again, it does nothing. */
export function moneyArrives(draft: Change, attempt: Attempt, arrival: Arrival, moment: Moment): void {
  if (isKnown(draft, attempt, arrival)) return
  if (!isWhatWasAsked(draft, arrival)) wrongMoney(draft, attempt, arrival, moment)
  else if (mayPay(draft, attempt)) pays(draft, attempt, arrival, moment)
  else comesTooLate(draft, attempt, arrival, moment)
}

const isKnown = (draft: Change, attempt: Attempt, { charge }: Arrival): boolean =>
  (attempt.status === 'succeeded' && attempt.provider_payment_id === charge) ||
  draft.refunds.some((refund) => refund.attempt_id === attempt.id && refund.provider_payment_id === charge)

const isWhatWasAsked = ({ payment }: Change, { money }: Arrival): boolean =>
  money.amount === payment.amount && money.currency === payment.currency

const isPaidOtherwise = (draft: Change): boolean =>
  keptMoney(draft) !== null || draft.payment.status === 'due_on_delivery'

/** An attempt that had failed or expired may still pay an order that waits; a voided one never does. */
function mayPay(draft: Change, attempt: Attempt): boolean {
  const { order_void: cancelled } = draft
  const isWanted = cancelled === null || (cancelled.if_paid === 'keep' && !cancelled.answered)
  return isWanted && attempt.status !== 'voided' && !isPaidOtherwise(draft)
}

function pays(draft: Change, attempt: Attempt, { charge }: Arrival, moment: Moment): void {
  Object.assign(attempt, { status: 'succeeded', provider_payment_id: charge, error: null })
  Object.assign(draft.payment, { method: attempt.method })
  draft.order_void = null
  for (const other of draft.attempts.filter(isLive)) endAttempt(other)
  tell(draft, PaymentSucceeded, { ...aboutAttempt(draft, attempt), succeeded_at: moment.now.toISOString() })
}

function comesTooLate(draft: Change, attempt: Attempt, arrival: Arrival, moment: Moment): void {
  // By what became of the attempt, not by what came first: told in any order, the reason is the same.
  const late = attempt.status === 'voided' ? 'paid_too_late' : 'paid_twice'
  const reason = draft.order_void ? 'order_cancelled' : late
  if (isLive(attempt)) Object.assign(attempt, { status: 'voided', provider_payment_id: arrival.charge })
  if (arrival.money.amount > 0) sendBack(draft, moment, { attempt, ...arrival, reason, isExtra: true })
}

function wrongMoney(draft: Change, attempt: Attempt, arrival: Arrival, moment: Moment): void {
  const { money, charge } = arrival
  const { amount, currency, order_id } = draft.payment
  draft.alarms.push(
    `Order ${order_id}: ${money.amount} ${money.currency} arrived as ${charge} where ${amount} ${currency} was asked`,
  )
  if (isLive(attempt)) {
    const isVoiding = attempt.status === 'voiding'
    Object.assign(attempt, {
      status: isVoiding ? 'voided' : 'failed',
      error: 'amount_differs',
      provider_payment_id: charge,
    })
    if (!isVoiding) {
      tell(draft, PaymentFailed, { ...aboutAttempt(draft, attempt), final: true, reason: 'amount_differs' })
    }
  }
  if (money.amount > 0) sendBack(draft, moment, { attempt, money, charge, reason: 'amount_differs', isExtra: true })
}
