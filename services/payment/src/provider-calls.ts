import type { Attempt, Payment, Story } from './payment.ts'
import { type Change, changed, type Moment } from './payment-change.ts'
import type { About, News } from './provider-news.ts'

/** What a call is about; it is made outside of any transaction. */
export interface ProviderCall {
  readonly payment: Payment
  readonly attempt: Attempt
  readonly martId: string
}

/** What a provider's client can do; every answer, also a refusal, comes as news. Throws only for faults of ours. */
export interface Provider {
  readonly open: (call: ProviderCall) => Promise<{ news: News; about: About }>
  readonly end: (call: ProviderCall) => Promise<{ news: News; about: About }>
}

/** Longer than a call with all its repeats may take. */
const LEASE_MS = 60_000
const MARGIN_MS = 2 * 60_000
const SHORTEST_PAGE_MS = 30 * 60_000
const LONGEST_PAGE_MS = 24 * 60 * 60_000

/** Takes what is due for a call to the provider and puts it under a lease. No attempt starts after it is due. */
export function leaseCall(story: Story, moment: Moment): { change: Change; attempt: Attempt | null } {
  const { now } = moment
  let taken: string | undefined
  const change = changed(story, moment, ({ payment, attempts }) => {
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
    attempt.next_call_at = new Date(now.getTime() + LEASE_MS)
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
