import { newId } from '@mart/service-kit/ids'
import type { Transaction } from '@mart/service-kit/postgres'
import type { Leases } from '../leases.ts'
import { lockStoryToCall } from '../payment-store.ts'
import { leaseCall, type ProviderCall, type RefundCall } from '../provider-calls.ts'
import { readMartId } from '../provider-event-store.ts'
import { leaseRefund } from '../refund-moves.ts'
import { keepChange } from '../story-writer.ts'

export interface Taken<Call> {
  readonly call: Call | null
  /** When to look again; `soon`: what is due is locked for a moment by a notification, say. */
  readonly again: 'at once' | 'soon' | 'when woken'
}

/** Takes the call about an attempt that is due longest, under a lease. */
export async function takeProviderCall(tx: Transaction, leases: Leases): Promise<Taken<ProviderCall>> {
  const now = new Date()
  const story = await lockStoryToCall(tx, now, 'attempts')
  if (story === null) return { call: null, again: 'when woken' }
  if (story === 'locked') return { call: null, again: 'soon' }
  const { change, attempt } = leaseCall(story, { now, newId }, leases)
  await keepChange(tx, story, change)
  const call = attempt && { payment: change.payment, attempt, martId: await readMartId(tx) }
  return { call, again: 'at once' }
}

/** Takes the refund that is due longest, under a lease. */
export async function takeRefundCall(tx: Transaction, leases: Leases): Promise<Taken<RefundCall>> {
  const now = new Date()
  const story = await lockStoryToCall(tx, now, 'refunds')
  if (story === null) return { call: null, again: 'when woken' }
  if (story === 'locked') return { call: null, again: 'soon' }
  const { change, refund } = leaseRefund(story, { now, newId }, leases)
  await keepChange(tx, story, change)
  const attempt = change.attempts.find(({ id }) => id === refund?.attempt_id)
  const call = refund && attempt ? { payment: change.payment, attempt, refund, martId: await readMartId(tx) } : null
  return { call, again: 'at once' }
}
