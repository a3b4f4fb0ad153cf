import { type Attempt, isLive, type Payment } from './payment.ts'
import type { News } from './provider-news.ts'

/**
 * `mended`: news had been lost, and was applied as if it had come. `differs`: another sum there than here.
 * `unconfirmed`: paid here, and the provider's record does not say so. `undecided`: open too long, and it says nothing.
 */
export type FindingKind = 'mended' | 'differs' | 'unconfirmed' | 'undecided'

export interface Finding {
  readonly kind: FindingKind
  readonly detail: string
}

/** What comes out when the provider's record of an attempt is laid beside ours; null where they agree. */
export function findingOf(
  { attempt, payment }: { attempt: Pick<Attempt, 'status'>; payment: Pick<Payment, 'amount' | 'currency'> },
  news: News,
): Finding | null {
  if (news.kind === 'paid') {
    const { amount, currency } = news.money
    if (amount !== payment.amount || currency !== payment.currency) {
      return { kind: 'differs', detail: `${amount} ${currency} there, ${payment.amount} ${payment.currency} here` }
    }
    return attempt.status === 'succeeded' ? null : { kind: 'mended', detail: 'paid' }
  }
  const detail = 'reason' in news ? news.reason : news.kind
  if (!isLive(attempt)) return { kind: 'unconfirmed', detail }
  const isDecided = news.kind === 'failed' || news.kind === 'expired'
  return { kind: isDecided ? 'mended' : 'undecided', detail }
}
