import { PaymentActionRequired } from '@mart/contracts/events/payment-events'
import type { PaymentRecord } from '../payment-record.ts'
import type { Attempt } from '../payment-tables.ts'
import type { About, CallName, News } from '../provider-news.ts'
import { aboutAttempt, backOff, type Change, callOf, emit, endAttempt, type Moment } from '../record-change.ts'

/** What was told of an attempt. */
export interface AnswerToApply<Kind extends News['kind']> {
  readonly news: Extract<News, { kind: Kind }>
  readonly about: About
  readonly call: CallName | undefined
  readonly moment: Moment
}

/** What it does to the attempt. */
export type Acts<Kinds extends News['kind']> = {
  readonly [Kind in Kinds]: (draft: Change, attempt: Attempt, heard: AnswerToApply<Kind>) => void
}

/** What only an answer to a call of ours tells. */
export const answerActs: Acts<'opened' | 'no_answer' | 'nothing_made'> = {
  opened(draft, attempt, { news: { url, link }, moment }) {
    if (attempt.status !== 'calling') return
    Object.assign(attempt, { status: 'open', url, error: null })
    if (isOver(draft, moment)) endAttempt(attempt)
    else emit(draft, PaymentActionRequired, { ...aboutAttempt(draft, attempt), url: link })
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
