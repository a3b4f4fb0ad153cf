import type { DataOf, EventDefinition, EventToPublish } from '@mart/contracts/events/define-event'
import { PaymentCashAgreed, PaymentVoided } from '@mart/contracts/events/payment-events'
import type { PaymentStatus } from '@mart/contracts/http/payment-shapes'
import type { PaymentMethod } from '@mart/contracts/payment-methods'
import { backoffMs } from '@mart/service-kit/backoff'
import { type Posting, postingsOf } from './ledger.ts'
import {
  isLive,
  isRepeatable,
  keptMoney,
  moneyOf,
  type PaymentRecord,
  refundedOf,
  takesBackKept,
} from './payment-record.ts'
import { type Attempt, type AttemptStatus, type Call, callColumns, newRow, type Refund } from './payment-tables.ts'
import type { RefusalReason } from './refusal-reason.ts'

/** A record after something happened, what is said about it, what it moves in the ledger, and what staff should read in the log. */
export interface Change extends PaymentRecord {
  events: EventToPublish[]
  postings: Posting[]
  alarms: string[]
  refusals: { readonly method: string; readonly reason: RefusalReason }[]
}

export interface Changed {
  /** Null: the payment is new. */
  readonly before: PaymentRecord | null
  readonly after: Change
}

export interface Moment {
  readonly now: Date
  readonly newId: () => string
}

/** Lets `act` change a copy of the record, then draws the consequences that follow whatever happened. */
export function changed(record: PaymentRecord, moment: Moment, act: (draft: Change) => void): Change {
  const draft: Change = { ...structuredClone(record), events: [], postings: [], alarms: [], refusals: [] }
  act(draft)
  drawConsequences(draft, moment)
  draft.postings = postingsOf(record, draft)
  return draft
}

/** Changes one record after the other; what is changed again begins where its last change ended. */
export function changesOf(records: readonly PaymentRecord[]) {
  const current = new Map<string, PaymentRecord>(records.map((record) => [record.payment.id, record]))
  const changes: Changed[] = []
  return {
    changes,
    /** Of a record that nobody has saved yet, too. */
    change(record: PaymentRecord, act: (record: PaymentRecord) => Change): Change {
      const before = current.get(record.payment.id) ?? null
      const after = act(before ?? record)
      current.set(record.payment.id, after)
      changes.push({ before, after })
      return after
    },
  }
}

function drawConsequences(draft: Change, moment: Moment): void {
  const { payment, attempts } = draft
  const living = attempts.filter(isLive)
  if (!draft.order_void && keptMoney(draft) === null) {
    // A newer attempt, or cash, waits until nothing older can bring money any more.
    if (payment.method === 'cash_on_delivery' && payment.status !== 'due_on_delivery' && living.length === 0) {
      payment.status = 'due_on_delivery'
      emit(draft, PaymentCashAgreed, aboutPayment(draft, 'cash_on_delivery'))
    }
  }
  if (draft.order_void && !draft.order_void.answered && living.length === 0) {
    draft.order_void.answered = true
    const refunding = draft.refunds.some(({ status }) => status !== 'succeeded')
    emit(draft, PaymentVoided, { order_id: payment.order_id, refunding })
  }
  for (const attempt of attempts) {
    if (!isLive(attempt)) Object.assign(attempt, { basket: null, url: null })
  }
  payment.refunded = refundedOf(draft)
  payment.status = statusOf(draft)
  drawCalls(draft, moment)
}

type Wanted = Pick<Call, 'kind' | 'attempt_id' | 'refund_id'>

/** Whatever happened, the calls are those that the record wants: another falls away, one that is missing is due now. */
function drawCalls(draft: Change, { now, newId }: Moment): void {
  const { calls, payment } = draft
  const wanted = [...draft.attempts.flatMap((one) => wantedFor(draft, one)), ...wantedRefunds(draft)]
  const isFor = (call: Call, { kind, attempt_id, refund_id }: Wanted) =>
    call.kind === kind && call.attempt_id === attempt_id && call.refund_id === refund_id
  const add = (one: Wanted) => newRow(callColumns, { ...one, id: newId(), payment_id: payment.id, due_at: now })
  draft.calls = [
    ...calls.filter(({ kind }) => kind === 'poll'),
    ...wanted.map((one) => calls.find((call) => isFor(call, one)) ?? add(one)),
  ]
}

/** A page is opened once nothing older can bring money; one that has to end is opened first where no answer named it. */
function wantedFor(draft: Change, { id, status, session_id }: Attempt): Wanted[] {
  const isNext = draft.attempts.filter(isLive).length === 1 && !draft.order_void && keptMoney(draft) === null
  if (status !== 'voiding' && status !== 'calling' && !(status === 'created' && isNext)) return []
  return [{ kind: status === 'voiding' && session_id ? 'end' : 'open', attempt_id: id, refund_id: null }]
}

/** A cancellation is answered first, or order would hear of a refund before it knows that there is one. */
const wantedRefunds = ({ refunds, order_void }: Change): Wanted[] =>
  refunds.flatMap((refund) => {
    const { id, attempt_id, status, provider_refund_id } = refund
    const isWanted =
      (status === 'requested' && (order_void?.answered ?? true)) ||
      status === 'calling' ||
      (status === 'pending' && isRepeatable(refund) && provider_refund_id !== null)
    return isWanted && attempt_id !== null ? [{ kind: 'refund', attempt_id, refund_id: id }] : []
  })

/** The call that is wanted for an attempt, or for a refund. */
export function callOf(draft: Change, moment: Moment, { id }: Attempt | Refund): Call | undefined {
  drawCalls(draft, moment)
  return draft.calls.find((call) => call.kind !== 'poll' && (call.refund_id ?? call.attempt_id) === id)
}

/** Nobody has it any more, and nobody makes it for a while. */
export function postpone(call: Call, { now }: Moment, waitMs: number): void {
  Object.assign(call, { due_at: new Date(now.getTime() + waitMs), claimed_until: null })
}

const MAX_BACKOFF_MS = 60_000

/** The same, longer each time. */
export function backOff(call: Call, moment: Moment): void {
  postpone(call, moment, backoffMs(call.tries, { firstMs: 500, mostMs: MAX_BACKOFF_MS }))
  call.tries += 1
}

export function emit<Event extends EventDefinition>(draft: Change, event: Event, data: DataOf<Event>): void {
  draft.events.push({ event, data })
}

export const aboutPayment = (record: PaymentRecord, method: PaymentMethod) => ({
  order_id: record.payment.order_id,
  payment_id: record.payment.id,
  method,
  amount: moneyOf(record),
})

export const aboutAttempt = (record: PaymentRecord, attempt: Attempt) => ({
  ...aboutPayment(record, attempt.method),
  attempt: attempt.number,
  attempt_id: attempt.id,
})

/** Begins the end of an attempt: at once when no provider knows of it, else by a call; one under way is answered first. */
export function endAttempt(attempt: Attempt): void {
  if (attempt.status === 'created') attempt.status = 'voided'
  else if (isLive(attempt)) attempt.status = 'voiding'
}

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
export function statusOf(record: PaymentRecord): PaymentStatus {
  const { payment, attempts, order_void, refunds } = record
  const kept = keptMoney(record)
  if (kept !== null) {
    if (payment.refunded === 0) return 'succeeded'
    return payment.refunded < kept ? 'partially_refunded' : 'refunded'
  }
  if (order_void) {
    if (attempts.some(isLive)) return 'pending'
    if (payment.refunded === 0) return 'voided'
    const owed = refunds.some((refund) => refund.status !== 'succeeded' && takesBackKept(record, refund))
    return owed ? 'partially_refunded' : 'refunded'
  }
  if (payment.method === 'cash_on_delivery') return payment.status === 'due_on_delivery' ? payment.status : 'pending'
  const newest = attempts.toSorted((one, other) => other.number - one.number)[0]
  return newest ? byNewestAttempt[newest.status] : 'pending'
}
