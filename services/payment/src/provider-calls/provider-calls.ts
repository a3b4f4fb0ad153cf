import type { PaymentRecord } from '../payment-record.ts'
import type { Attempt, Payment, Refund } from '../payment-tables.ts'
import type { About, News } from '../provider-news.ts'
import { type Change, changed, type Moment } from '../record-change.ts'
import { type Leases, leaseEnd } from './leases.ts'

/** What a call is about; it is made outside of any transaction. */
export interface ProviderCall {
  readonly payment: Payment
  readonly attempt: Attempt
  readonly martId: string
  /** What a notification named: where to look first, no proof of anything. */
  readonly transactionId?: string | null
}

export interface RefundCall {
  readonly payment: Payment
  /** Whose charge it was. */
  readonly attempt: Attempt
  readonly refund: Refund
  readonly martId: string
}

export interface Taken<Call> {
  readonly calls: readonly Call[]
  /** When to look again; `soon`: what is due is locked for a moment by a notification, say. */
  readonly again: 'at once' | 'soon' | 'when woken'
}

export interface Answer {
  readonly news: News
  readonly about: About
}

/** What a provider answers to a refund. */
export type RefundNews =
  | { readonly kind: 'succeeded' | 'pending'; readonly providerRefundId: string | null }
  /** Certainly nothing was sent back. */
  | { readonly kind: 'failed'; readonly reason: string; readonly providerRefundId?: string }
  /** Something may have been sent back, and a repeat might send it twice. */
  | { readonly kind: 'unknown'; readonly reason: string }
  /** Certainly nothing was sent back, but the key is used up: the next call takes another. */
  | { readonly kind: 'nothing_made'; readonly reason: string }
  /** Safe to repeat with the same key. */
  | { readonly kind: 'no_answer'; readonly reason: string }

/** What a provider's client can do; every answer, also a refusal, comes as news. Throws only for faults of ours. */
export interface Provider {
  readonly open: (call: ProviderCall) => Promise<Answer>
  /** Ends a page that is open; where a provider can't, what its record says. */
  readonly end: (call: ProviderCall) => Promise<Answer>
  /** What the provider's record says now; `no_answer` while nothing is decided. */
  readonly look: (call: ProviderCall) => Promise<Answer>
  readonly refund: (call: RefundCall) => Promise<RefundNews>
}

const MARGIN_MS = 2 * 60_000
const SHORTEST_PAGE_MS = 30 * 60_000
const LONGEST_PAGE_MS = 24 * 60 * 60_000

/** Takes what is due for a call to the provider and puts it under a lease. No attempt starts after it is due. */
export function leaseCall(
  record: PaymentRecord,
  moment: Moment,
  leases: Leases,
): { change: Change; attempt: Attempt | null } {
  const { now } = moment
  let taken: string | undefined
  const change = changed(record, moment, ({ payment, attempts }) => {
    const attempt = attempts.find(({ next_call_at }) => next_call_at !== null && next_call_at <= now)
    if (!attempt) return
    const isOver = payment.due_at !== null && payment.due_at <= now
    if (attempt.status === 'created' && isOver) {
      attempt.status = 'expired'
      return
    }
    if (attempt.status === 'created') attempt.status = 'calling'
    if (attempt.status === 'calling' && isOver) attempt.status = 'voiding'
    attempt.expires_at ??= pageEnd(payment.due_at, now)
    attempt.next_call_at = leaseEnd(leases, attempt.method, now)
    taken = attempt.id
  })
  return { change, attempt: change.attempts.find(({ id }) => id === taken) ?? null }
}

/** When the provider's page closes: not before the order is due, within what Stripe allows. */
function pageEnd(dueAt: Date | null, now: Date): Date {
  const earliest = now.getTime() + SHORTEST_PAGE_MS + MARGIN_MS
  const latest = now.getTime() + LONGEST_PAGE_MS - MARGIN_MS
  return new Date(Math.min(latest, Math.max(earliest, dueAt?.getTime() ?? 0)))
}
