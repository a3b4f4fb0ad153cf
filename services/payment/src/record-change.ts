import type { DataOf, EventDefinition } from '@mart/contracts/events/define-event'
import { PaymentCashAgreed, PaymentVoided } from '@mart/contracts/events/payment-events'
import type { PaymentStatus } from '@mart/contracts/http/payment-shapes'
import type { PaymentMethod } from '@mart/contracts/payment-methods'
import { type Posting, postingsOf } from './ledger.ts'
import { isLive, keptMoney, moneyOf, type PaymentRecord, refundedOf, takesBackKept } from './payment-record.ts'
import type { Attempt, AttemptStatus } from './payment-tables.ts'

export interface Message {
  readonly event: EventDefinition
  readonly data: Record<string, unknown>
}

/** A record after something happened, what is said about it, what it moves in the ledger, and what staff should read in the log. */
export interface Change extends PaymentRecord {
  says: Message[]
  postings: Posting[]
  alarms: string[]
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
  const { payment, attempts, order_void, refunds, tasks } = structuredClone(record)
  const draft: Change = { payment, attempts, order_void, refunds, tasks, says: [], postings: [], alarms: [] }
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

function drawConsequences(draft: Change, { now }: Moment): void {
  const { payment, attempts } = draft
  const living = attempts.filter(isLive)
  if (!draft.order_void && keptMoney(draft) === null) {
    // A newer attempt, or cash, waits until nothing older can bring money any more.
    if (payment.method === 'cash_on_delivery' && payment.status !== 'due_on_delivery' && living.length === 0) {
      payment.status = 'due_on_delivery'
      tell(draft, PaymentCashAgreed, aboutPayment(draft, 'cash_on_delivery'))
    }
    const [only] = living
    if (living.length === 1 && only?.status === 'created') only.next_call_at ??= now
  }
  if (draft.order_void && !draft.order_void.answered && living.length === 0) {
    draft.order_void.answered = true
    const refunding = draft.refunds.some(({ status }) => status !== 'succeeded')
    tell(draft, PaymentVoided, { order_id: payment.order_id, refunding })
  }
  for (const attempt of attempts) {
    if (!isLive(attempt)) Object.assign(attempt, { basket: null, url: null, next_call_at: null })
  }
  // A cancellation is answered first, or order would hear of a refund before it knows that there is one.
  const isAnswered = draft.order_void?.answered ?? true
  for (const refund of draft.refunds) {
    if (isAnswered && refund.status === 'requested') refund.next_call_at ??= now
  }
  payment.refunded = refundedOf(draft)
  payment.status = statusOf(draft)
}

export function tell<Event extends EventDefinition>(draft: Change, event: Event, data: DataOf<Event>): void {
  draft.says.push({ event, data })
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

/** Begins the end of an attempt: at once when no provider knows of it, else by a call. */
export function endAttempt(attempt: Attempt, { now }: Moment): void {
  if (attempt.status === 'created') attempt.status = 'voided'
  // Under a call its lease stays: who holds it answers first, or the call is repeated with the same key.
  if (attempt.status === 'calling') attempt.status = 'voiding'
  if (attempt.status === 'open' || attempt.status === 'processing') {
    Object.assign(attempt, { status: 'voiding', next_call_at: now, tries: 0 })
  }
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
