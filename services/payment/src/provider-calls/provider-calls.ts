import { backoffMs } from '@mart/service-kit/backoff'
import { isRepeatable, type PaymentRecord } from '../payment-record.ts'
import { type Attempt, callColumns, newRow, type Payment, type Refund } from '../payment-tables.ts'
import type { Answer, CallName, News, RefundNews } from '../provider-news.ts'
import { type Change, changed, type Moment } from '../record-change.ts'
import { beginRefund } from '../refunds/refund-moves.ts'

/** What a call is about; it is made outside of any transaction. */
export interface ProviderCall {
  readonly payment: Payment
  readonly attempt: Attempt
  readonly martId: string
  /** What a notification named: where to look first, no proof of anything. */
  readonly transactionId?: string | null
}

/** Of a refund; the attempt is that whose charge it was. */
export interface RefundCall extends ProviderCall {
  readonly refund: Refund
}

export interface ClaimedCall extends ProviderCall, CallName {
  readonly refund: Refund | null
}

/** What a provider's client can do; every answer, also a refusal, comes as news. Throws only for faults of ours. */
export interface Provider {
  readonly open: (call: ProviderCall) => Promise<Answer>
  /** Ends a page that is open; where a provider can't, what its record says. */
  readonly end: (call: ProviderCall) => Promise<Answer>
  /** What the provider's record says now; `no_answer` while nothing is decided. */
  readonly poll: (call: ProviderCall) => Promise<Answer>
  readonly refund: (call: RefundCall) => Promise<RefundNews>
}

const MARGIN_MS = 2 * 60_000
const SHORTEST_PAGE_MS = 30 * 60_000
const LONGEST_PAGE_MS = 24 * 60 * 60_000

/** Calls have been claimed: what is written down before they are made. Those that are not to be made fall away. */
export function beginCalls(record: PaymentRecord, callIds: ReadonlySet<string>, moment: Moment): Change {
  return changed(record, moment, (draft) => {
    for (const { attempt_id, refund_id, kind } of draft.calls.filter(({ id }) => callIds.has(id))) {
      const refund = draft.refunds.find(({ id }) => id === refund_id)
      const attempt = draft.attempts.find(({ id }) => id === attempt_id)
      if (refund) beginRefund(draft, moment, refund)
      else if (attempt && kind !== 'poll') beginAttempt(attempt, draft.payment, moment)
    }
  })
}

/** No attempt starts after it is due. */
function beginAttempt(attempt: Attempt, { due_at }: Payment, { now }: Moment): void {
  const isOver = due_at !== null && due_at <= now
  if (attempt.status === 'created') attempt.status = isOver ? 'expired' : 'calling'
  else if (attempt.status === 'calling' && isOver) attempt.status = 'voiding'
  attempt.expires_at ??= pageEnd(due_at, now)
}

/** They were claimed, and certainly not made: whoever comes next makes them. */
export function releaseCalls(record: PaymentRecord, callIds: ReadonlySet<string>, moment: Moment): Change {
  return changed(record, moment, (draft) => {
    for (const call of draft.calls.filter(({ id }) => callIds.has(id))) {
      Object.assign(call, { due_at: moment.now, claimed_until: null })
      const refund = draft.refunds.find(({ id }) => id === call.refund_id)
      if (refund?.status === 'calling' && !isRepeatable(refund)) refund.status = 'requested'
    }
  })
}

export interface PollWanted {
  readonly attemptId: string
  readonly inMs: number
  readonly transactionId?: string | null
}

const POLLS_GO_ON_MS = 24 * 60 * 60_000

/** Asks for the provider's record, for a day; an earlier poll that is wanted already stays. */
export function wantPoll(record: PaymentRecord, wanted: PollWanted, moment: Moment): Change {
  const { attemptId, inMs, transactionId = null } = wanted
  const due_at = new Date(moment.now.getTime() + inMs)
  const ends_at = new Date(moment.now.getTime() + POLLS_GO_ON_MS)
  return changed(record, moment, ({ calls, payment }) => {
    const poll = calls.find(({ kind, attempt_id }) => kind === 'poll' && attempt_id === attemptId)
    if (!poll) {
      const about = { payment_id: payment.id, kind: 'poll' as const, attempt_id: attemptId }
      calls.push(newRow(callColumns, { id: moment.newId(), ...about, due_at, ends_at, transaction_id: transactionId }))
      return
    }
    const transaction_id = transactionId ?? poll.transaction_id
    Object.assign(poll, { due_at: poll.due_at < due_at ? poll.due_at : due_at, ends_at, transaction_id, tries: 0 })
  })
}

const FIRST_WAIT_MS = 2_000
const LONGEST_WAIT_MS = 30 * 60_000

/** What the record does not decide is asked again, with growing pauses. */
export function endPoll(draft: Change, { id }: CallName, news: News, { now }: Moment): void {
  const poll = draft.calls.find((call) => call.id === id)
  if (!poll) return
  const wasWantedMeanwhile = poll.claimed_until !== null && poll.due_at < poll.claimed_until
  const waitMs = backoffMs(poll.tries, { firstMs: FIRST_WAIT_MS, mostMs: LONGEST_WAIT_MS })
  Object.assign(poll, { claimed_until: null, tries: poll.tries + 1 })
  if (wasWantedMeanwhile) return
  const isDecided = news.kind === 'paid' || news.kind === 'failed' || news.kind === 'expired'
  if (isDecided || (poll.ends_at !== null && poll.ends_at <= now))
    draft.calls = draft.calls.filter((call) => call !== poll)
  else poll.due_at = new Date(now.getTime() + waitMs)
}

/** When the provider's page closes: not before the order is due, within what Stripe allows. */
function pageEnd(dueAt: Date | null, now: Date): Date {
  const earliest = now.getTime() + SHORTEST_PAGE_MS + MARGIN_MS
  const latest = now.getTime() + LONGEST_PAGE_MS - MARGIN_MS
  return new Date(Math.min(latest, Math.max(earliest, dueAt?.getTime() ?? 0)))
}
