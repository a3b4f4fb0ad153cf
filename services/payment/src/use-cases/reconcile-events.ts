import { isUuid } from '@mart/service-kit/ids'
import type { Transaction } from '@mart/service-kit/postgres'
import { readMartId } from '../provider-event-store.ts'
import { type FindingKind, findingOfEvent } from '../reconciliation.ts'
import { addFinding, readListedEvent } from '../reconciliation-store.ts'
import type { Notified } from '../stripe-news.ts'

export interface Listed {
  /** Of the reconciliation. */
  readonly id: string
  readonly event: { readonly id: string; readonly type: string }
  readonly notified: Notified
}

/** Writes down what has become of an event of Stripe's list, in the transaction that has applied it. */
export async function noteEvent(tx: Transaction, { id, event, notified }: Listed): Promise<FindingKind | null> {
  const { news, about, martId } = notified
  const attemptId = about.attemptId !== null && isUuid(about.attemptId) ? about.attemptId : null
  const kept = await readListedEvent(tx, { eventId: event.id, attemptId, charge: about.charge })
  const { outcome, is_new: isNew, amount, currency } = kept
  const payment = amount === null || currency === null ? null : { amount, currency }
  const namesThisMart = martId === (await readMartId(tx))
  const finding = findingOfEvent(event, news, { outcome, isNew, namesThisMart, payment })
  if (!finding) return null
  await addFinding(tx, { id, subject: event.id, attemptId: kept.attempt_id, method: 'stripe', ...finding })
  return finding.kind
}

export interface NotCompared {
  /** Of the reconciliation. */
  readonly id: string
  readonly subject: string
  readonly attemptId?: string
  readonly method: string
  readonly detail: string
}

/** What could not be compared is in the report too: it must not read as if all were well. */
export const noteNotCompared = (tx: Transaction, { attemptId, ...what }: NotCompared): Promise<void> =>
  addFinding(tx, { ...what, attemptId: attemptId ?? null, kind: 'not_compared' })
