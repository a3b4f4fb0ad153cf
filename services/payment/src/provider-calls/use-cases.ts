import { newId } from '@mart/service-kit/ids'
import type { Transaction } from '@mart/service-kit/postgres'
import type { CallKind } from '../payment-tables.ts'
import { readMartId } from '../provider-events/provider-event-store.ts'
import { changesOf } from '../record-change.ts'
import { lockRecordsOfPayments } from '../record-store.ts'
import { saveChanges } from '../record-writer.ts'
import { type ClaimWanted, claimDue, dueCalls, putAside } from './call-store.ts'
import { beginCalls, type ClaimedCall, releaseCalls } from './provider-calls.ts'

export interface CallsClaimed {
  readonly calls: readonly ClaimedCall[]
  /** When to ask for more; `soon`: what is due is locked for a moment by a notification, say. */
  readonly again: 'at once' | 'soon' | 'when woken'
}

/** Claims the calls that are due longest. What is claimed and not made in time is claimed by others. */
export async function claimCalls(tx: Transaction, wanted: ClaimWanted): Promise<CallsClaimed> {
  const claimed = await claimDue(tx, wanted)
  if (claimed === 'locked') return { calls: [], again: 'soon' }
  if (claimed.length === 0) return { calls: [], again: 'when woken' }
  const ids = new Set(claimed.map(({ id }) => id))
  const paymentIds = claimed.map(({ payment_id }) => payment_id)
  const [records, martId] = await Promise.all([lockRecordsOfPayments(tx, paymentIds), readMartId(tx)])
  const moment = { now: new Date(), newId }
  const changes = records.map((before) => ({ before, after: beginCalls(before, ids, moment) }))
  await saveChanges(tx, changes)
  const calls = changes.flatMap(({ after: { payment, attempts, refunds, calls } }) =>
    calls.flatMap(({ id, kind, attempt_id, refund_id, transaction_id: transactionId }): ClaimedCall[] => {
      const attempt = attempts.find((one) => one.id === attempt_id)
      const refund = refunds.find((one) => one.id === refund_id) ?? null
      return attempt && ids.has(id) ? [{ id, kind, payment, attempt, refund, martId, transactionId }] : []
    }),
  )
  return { calls, again: 'at once' }
}

/** The service stops before they were made: others need not wait for the end of the claims. */
export async function giveBackCalls(tx: Transaction, all: readonly ClaimedCall[]): Promise<void> {
  const ids = new Set(all.map(({ id }) => id))
  const records = await lockRecordsOfPayments(
    tx,
    all.map(({ payment }) => payment.id),
  )
  const { changes, change } = changesOf(records)
  for (const record of records) change(record, (one) => releaseCalls(one, ids, { now: new Date(), newId }))
  await saveChanges(tx, changes)
}

/** What could be claimed, for when something of it can't be. */
export const callsToClaim = (tx: Transaction, kinds: readonly CallKind[], atMost: number): Promise<string[]> =>
  dueCalls(tx, kinds, atMost)

/** Something of ours fails at this one call, whatever is done: it holds up no other. Returns in how many seconds it is tried again. */
export const setAside = (tx: Transaction, callId: string, error: unknown): Promise<number | null> =>
  putAside(tx, callId, error instanceof Error ? error.message : String(error))
