import { PaymentFailed, PaymentSucceeded } from '@mart/contracts/events/payment-events'
import type { Money } from '@mart/contracts/money'
import { isLive, keptMoney, type PaymentRecord } from './payment-record.ts'
import type { Attempt } from './payment-tables.ts'
import { type Acts, type AnswerToApply, answerActs } from './provider-calls/call-answers.ts'
import { endPoll } from './provider-calls/provider-calls.ts'
import type { About, Answer, News } from './provider-news.ts'
import { aboutAttempt, type Change, callOf, changed, emit, endAttempt, type Moment, postpone } from './record-change.ts'
import { applyRefundNews, closeDispute, dispute } from './refunds/money-back.ts'
import { settleRefund } from './refunds/refund-moves.ts'
import { sendBack } from './refunds/send-back.ts'
import { type RefusalReason, refusalReasonOf } from './refusal-reason.ts'

const SLOW_RESULT_MS = 5 * 60_000

/** What a provider's news does: forward only, so that it may come late, twice, and in any order. */
export function settle(record: PaymentRecord, heard: Answer, moment: Moment): Change {
  const { news, about, call } = heard
  return changed(record, moment, (draft) => {
    const attempt = draft.attempts.find(({ id }) => id === about.attemptId)
    if (!attempt) throw new RangeError(`Attempt ${about.attemptId} is none of payment ${draft.payment.id}`)
    if (call?.kind === 'poll') {
      endPoll(draft, call, news, moment)
      // The same decline, seen again, is told to nobody.
      if (news.kind === 'no_answer' || (news.kind === 'declined' && attempt.error === news.reason)) return
    }
    if (news.kind === 'refund_answered') return settleRefund(draft, moment, news)
    if (news.kind === 'refund') return applyRefundNews(draft, moment, attempt, { ...news, charge: about.charge })
    attempt.session_id ??= about.sessionId
    // Of another session, which a lost answer may leave behind, only the money counts.
    if (isAnother(attempt, about) && news.kind !== 'paid') return
    if (news.kind !== 'paid') attempt.provider_payment_id ??= about.charge
    const act = acts[news.kind] as (draft: Change, attempt: Attempt, heard: AnswerToApply<Acted>) => void
    act(draft, attempt, { news, about, call, moment })
  })
}

const isAnother = (attempt: Attempt, { sessionId, charge }: About): boolean =>
  differ(attempt.session_id, sessionId) || differ(attempt.provider_payment_id, charge)

const differ = (ours: string | null, theirs: string | null) => ours !== null && theirs !== null && ours !== theirs

type Acted = Exclude<News['kind'], 'refund' | 'refund_answered'>

const acts: Acts<Acted> = {
  ...answerActs,

  paid(draft, attempt, { news: { money, fee }, about: { charge }, moment }) {
    moneyArrives(draft, attempt, { money, charge }, moment)
    const isOfThis = attempt.status === 'succeeded' && attempt.provider_payment_id === charge
    if (fee && isOfThis && attempt.fee === null) Object.assign(attempt, { fee: fee.amount, fee_currency: fee.currency })
  },

  processing(draft, attempt, { moment }) {
    if (attempt.status === 'open' || attempt.status === 'calling') attempt.status = 'processing'
    // One that is to end can't any more: the bank decides, and tells us; asking again is for a lost notification.
    const end = callOf(draft, moment, attempt)
    if (end) postpone(end, moment, SLOW_RESULT_MS)
  },

  declined(draft, attempt, { news: { reason, code } }) {
    if (!isLive(attempt)) return
    attempt.error = reason
    if (attempt.status !== 'open' && attempt.status !== 'calling') return
    emitFailure(draft, attempt, { final: false, reason, counts: refusalReasonOf(code) })
  },

  failed: (draft, attempt, { news: { reason } }) =>
    endsByItself(draft, attempt, { status: 'failed', reason, counts: 'provider_fault' }),

  refused: (draft, attempt, { news: { reason } }) =>
    endsByItself(draft, attempt, { status: 'failed', reason, counts: 'sum_not_taken', canChooseAnother: true }),

  expired: (draft, attempt) =>
    endsByItself(draft, attempt, { status: 'expired', reason: 'expired', counts: 'expired' }),

  disputed: (draft, attempt, { news }) => dispute(draft, attempt, news),

  dispute_closed(draft, attempt, { news }) {
    dispute(draft, attempt, news)
    closeDispute(draft, attempt, news)
  },

  refunded_in_all(_, attempt, { news: { money } }) {
    attempt.refunded_there = Math.max(attempt.refunded_there, money.amount)
  },
}

interface Ending {
  readonly status: 'failed' | 'expired'
  readonly reason: string
  readonly counts: RefusalReason
  readonly canChooseAnother?: boolean
}

/** Not because we asked for it: order has to know. */
function endsByItself(draft: Change, attempt: Attempt, { status, reason, counts, canChooseAnother = false }: Ending) {
  if (!isLive(attempt)) return
  attempt.error = reason
  if (attempt.status === 'voiding') {
    attempt.status = 'voided'
    return
  }
  attempt.status = status
  emitFailure(draft, attempt, { final: !canChooseAnother, reason, counts })
}

/** Order hears that an attempt brought nothing: `final` when the buyer can do nothing about it any more. */
function emitFailure(
  draft: Change,
  attempt: Attempt,
  failure: { readonly final: boolean; readonly reason: string; readonly counts: RefusalReason },
): void {
  const { counts, ...told } = failure
  emit(draft, PaymentFailed, { ...aboutAttempt(draft, attempt), ...told })
  draft.refusals.push({ method: attempt.method, reason: counts })
}

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
  emit(draft, PaymentSucceeded, { ...aboutAttempt(draft, attempt), succeeded_at: moment.now.toISOString() })
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
      emitFailure(draft, attempt, { final: true, reason: 'amount_differs', counts: 'amount_differs' })
    }
  }
  if (money.amount > 0) sendBack(draft, moment, { attempt, money, charge, reason: 'amount_differs', isExtra: true })
}
