import type { OrderHistory } from '@mart/contracts/http/order-shapes'
import type { Static } from 'typebox'
import type { Actor } from './order.ts'

type Line = Static<typeof OrderHistory>['items'][number]

export interface HistoryRow {
  readonly n: number
  readonly status: string
  readonly what: string
  readonly reason: string | null
  readonly reason_ur?: string | null
  readonly cause_event_id: string | null
  readonly cause_type: string | null
  readonly by_id: string | null
  readonly by_role: string | null
  readonly at: Date
}

/** A line of an order's history: staff read who did it, its buyer only whether it was he or the shop. */
export function historyLine(row: HistoryRow, looker: Actor): Line {
  const { n, status, what, reason, reason_ur, cause_event_id, cause_type, by_id, by_role, at } = row
  const isBuyer = looker.role === 'customer' || looker.role === 'guest'
  const isHis = by_role === 'guest' || by_id === looker.id
  // What staff note for each other is not the customer's to read.
  const shown = isBuyer && what === 'person_cancels' && !isHis ? null : reason
  return {
    n,
    status: status as Line['status'],
    what,
    at: at.toISOString(),
    ...(shown ? { reason: shown, ...(reason_ur && { translations: { ur: { reason: reason_ur } } }) } : {}),
    cause: cause_event_id && cause_type ? { event_id: cause_event_id, type: cause_type } : null,
    by:
      !by_id || !by_role
        ? { who: 'system', id: null }
        : isBuyer
          ? forBuyer(isHis, looker)
          : { who: by_role, id: by_id },
  }
}

const forBuyer = (isHis: boolean, { id }: Actor): Line['by'] => (isHis ? { who: 'you', id } : { who: 'shop', id: null })
