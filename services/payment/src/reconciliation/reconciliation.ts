import { type Money, toDecimal } from '@mart/contracts/money'
import { isLive } from '../payment-record.ts'
import type { Attempt, Payment } from '../payment-tables.ts'
import type { News } from '../provider-news.ts'

/**
 * `mended`: news had been lost, and was applied as if it had come. `missing_here`: Stripe has an event of this mart whose
 * payment is not here. `differs`: another sum there than here. `unconfirmed`: paid here, and the provider's record does
 * not say so. `undecided`: open too long, and it says nothing. `not_compared`: Stripe's list was not to be had, or a fault
 * of ours.
 */
export type FindingKind = 'mended' | 'missing_here' | 'differs' | 'unconfirmed' | 'undecided' | 'not_compared'

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
    const sums = difference(news.money, payment)
    if (sums) return { kind: 'differs', detail: sums }
    return attempt.status === 'succeeded' ? null : { kind: 'mended', detail: 'paid' }
  }
  const detail = 'reason' in news ? news.reason : news.kind
  if (!isLive(attempt)) return { kind: 'unconfirmed', detail }
  const isDecided = news.kind === 'failed' || news.kind === 'expired'
  return { kind: isDecided ? 'mended' : 'undecided', detail }
}

/** Whether what the provider's record says is still to be done here; what it leaves open is no news. */
export function mends(attempt: Pick<Attempt, 'status' | 'fee'>, news: News): boolean {
  if (isLive(attempt)) return news.kind === 'paid' || news.kind === 'failed' || news.kind === 'expired'
  return attempt.status === 'succeeded' && attempt.fee === null && news.kind === 'paid' && news.fee !== undefined
}

/** What became of an event of Stripe's list that had not been here. */
export interface ConsumedEvent {
  /** Null: it was not kept, since its payment should be here and is not. */
  readonly outcome: string | null
  /** False: its webhook came in the meantime. */
  readonly isNew: boolean
  readonly namesThisMart: boolean
  readonly payment: Money | null
}

/** What there is to say about an event that had not been here; null for one of others, or one that came in the meantime. */
export function findingOfEvent(
  { id, type }: { id: string; type: string },
  news: News,
  { outcome, isNew, namesThisMart, payment }: ConsumedEvent,
): Finding | null {
  const detail = `${id} ${type}${'money' in news ? `, ${written(news.money)}` : ''}`
  if (outcome === null || (outcome === 'not_ours' && namesThisMart)) return { kind: 'missing_here', detail }
  if (outcome !== 'applied' || !isNew) return null
  const sums = news.kind === 'paid' && payment && difference(news.money, payment)
  return sums ? { kind: 'differs', detail: `${id} ${type}: ${sums}` } : { kind: 'mended', detail }
}

const difference = (there: Money, here: Money): string | null =>
  there.amount === here.amount && there.currency === here.currency
    ? null
    : `${written(there)} there, ${written(here)} here`

const written = (money: Money): string => `${toDecimal(money)} ${money.currency}`
