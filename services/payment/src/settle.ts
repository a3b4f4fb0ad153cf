import { PaymentActionRequired, PaymentFailed } from '@mart/contracts/events/payment-events'
import { moneyArrives } from './arrival.ts'
import { closeDispute, dispute } from './dispute.ts'
import { isLive, type PaymentRecord } from './payment-record.ts'
import type { Attempt } from './payment-tables.ts'
import { endPoll } from './provider-calls/provider-calls.ts'
import type { About, Answer, CallName, News } from './provider-news.ts'
import {
  aboutAttempt,
  backOff,
  type Change,
  callOf,
  changed,
  endAttempt,
  type Moment,
  postpone,
  tell,
} from './record-change.ts'
import { settleRefund } from './refunds/refund-moves.ts'
import { hearRefund } from './refunds/refund-news.ts'

interface Heard<Kind extends News['kind']> {
  readonly news: Extract<News, { kind: Kind }>
  readonly about: About
  readonly call: CallName | undefined
  readonly moment: Moment
}

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
    if (news.kind === 'refund') return hearRefund(draft, moment, attempt, { ...news, charge: about.charge })
    attempt.session_id ??= about.sessionId
    // Of another session, which a lost answer may leave behind, only the money counts.
    if (isAnother(attempt, about) && news.kind !== 'paid') return
    if (news.kind !== 'paid') attempt.provider_payment_id ??= about.charge
    const act = acts[news.kind] as (draft: Change, attempt: Attempt, heard: Heard<Acted>) => void
    act(draft, attempt, { news, about, call, moment })
  })
}

const isAnother = (attempt: Attempt, { sessionId, charge }: About): boolean =>
  differ(attempt.session_id, sessionId) || differ(attempt.provider_payment_id, charge)

const differ = (ours: string | null, theirs: string | null) => ours !== null && theirs !== null && ours !== theirs

type Acted = Exclude<News['kind'], 'refund' | 'refund_answered'>

const acts: {
  readonly [Kind in Acted]: (draft: Change, attempt: Attempt, heard: Heard<Kind>) => void
} = {
  opened(draft, attempt, { news: { url, link }, moment }) {
    if (attempt.status !== 'calling') return
    Object.assign(attempt, { status: 'open', url, error: null })
    if (isOver(draft, moment)) endAttempt(attempt)
    else tell(draft, PaymentActionRequired, { ...aboutAttempt(draft, attempt), url: link })
  },

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

  declined(draft, attempt, { news: { reason } }) {
    if (!isLive(attempt)) return
    attempt.error = reason
    if (attempt.status !== 'open' && attempt.status !== 'calling') return
    tell(draft, PaymentFailed, { ...aboutAttempt(draft, attempt), final: false, reason })
  },

  failed: (draft, attempt, { news: { reason } }) => endsByItself(draft, attempt, { status: 'failed', reason }),

  refused: (draft, attempt, { news: { reason } }) =>
    endsByItself(draft, attempt, { status: 'failed', reason, canChooseAnother: true }),

  expired: (draft, attempt) => endsByItself(draft, attempt, { status: 'expired', reason: 'expired' }),

  disputed: (draft, attempt, { news }) => dispute(draft, attempt, news),

  dispute_closed(draft, attempt, { news }) {
    dispute(draft, attempt, news)
    closeDispute(draft, attempt, news)
  },

  refunded_in_all(_, attempt, { news: { money } }) {
    attempt.refunded_there = Math.max(attempt.refunded_there, money.amount)
  },

  no_answer(draft, attempt, { news: { reason }, call, moment }) {
    if (attempt.status !== 'calling' && attempt.status !== 'voiding') return
    callAgain(draft, attempt, { reason, call, moment })
    if (isOver(draft, moment)) endAttempt(attempt)
  },

  nothing_made(draft, attempt, { news: { wrong, reason }, call, moment }) {
    if (attempt.status === 'voiding') attempt.status = 'voided'
    if (attempt.status !== 'calling') return
    callAgain(draft, attempt, { reason, call, moment })
    if (isOver(draft, moment)) attempt.status = 'expired'
    Object.assign(attempt, { key_number: attempt.key_number + 1, expires_at: null })
    if (wrong === 'customer_email' && attempt.basket) attempt.basket.email = null
  },
}

interface Ending {
  readonly status: 'failed' | 'expired'
  readonly reason: string
  readonly canChooseAnother?: boolean
}

/** Not because we asked for it: order has to know. */
function endsByItself(draft: Change, attempt: Attempt, { status, reason, canChooseAnother = false }: Ending) {
  if (!isLive(attempt)) return
  attempt.error = reason
  if (attempt.status === 'voiding') {
    attempt.status = 'voided'
    return
  }
  attempt.status = status
  tell(draft, PaymentFailed, { ...aboutAttempt(draft, attempt), final: !canChooseAnother, reason })
}

const isOver = ({ payment: { due_at } }: PaymentRecord, { now }: Moment): boolean => due_at !== null && due_at <= now

/** What answers a call that is no longer wanted puts off no other one. */
function callAgain(
  draft: Change,
  attempt: Attempt,
  { reason, call, moment }: { reason: string; call: CallName | undefined; moment: Moment },
): void {
  attempt.error = reason
  const wanted = callOf(draft, moment, attempt)
  if (wanted && (!call || call.id === wanted.id)) backOff(wanted, moment)
}
