import { newId } from '@mart/service-kit/ids'
import type { Transaction } from '@mart/service-kit/postgres'
import type { Leases } from '../leases.ts'
import type { Changed } from '../payment-change.ts'
import { lockStoriesToCall } from '../payment-store.ts'
import { leaseCall, type ProviderCall, type RefundCall, type Taken } from '../provider-calls.ts'
import { readMartId } from '../provider-event-store.ts'
import { leaseRefund } from '../refund-moves.ts'
import { keepChanges } from '../story-writer.ts'

interface Wanted {
  readonly leases: Leases
  readonly atMost: number
}

/** Takes the calls about attempts that are due longest, under leases. */
export async function takeProviderCalls(tx: Transaction, { leases, atMost }: Wanted): Promise<Taken<ProviderCall>> {
  const now = new Date()
  const stories = await lockStoriesToCall(tx, { what: 'attempts', now, atMost })
  if (stories === 'locked') return { calls: [], again: 'soon' }
  if (stories.length === 0) return { calls: [], again: 'when woken' }
  const martId = await readMartId(tx)
  const calls: ProviderCall[] = []
  const changes = stories.map((before): Changed => {
    const { change, attempt } = leaseCall(before, { now, newId }, leases)
    if (attempt) calls.push({ payment: change.payment, attempt, martId })
    return { before, after: change }
  })
  await keepChanges(tx, changes)
  return { calls, again: 'at once' }
}

/** Takes the refunds that are due longest, under leases. */
export async function takeRefundCalls(tx: Transaction, { leases, atMost }: Wanted): Promise<Taken<RefundCall>> {
  const now = new Date()
  const stories = await lockStoriesToCall(tx, { what: 'refunds', now, atMost })
  if (stories === 'locked') return { calls: [], again: 'soon' }
  if (stories.length === 0) return { calls: [], again: 'when woken' }
  const martId = await readMartId(tx)
  const calls: RefundCall[] = []
  const changes = stories.map((before): Changed => {
    const { change, refund } = leaseRefund(before, { now, newId }, leases)
    const attempt = change.attempts.find(({ id }) => id === refund?.attempt_id)
    if (refund && attempt) calls.push({ payment: change.payment, attempt, refund, martId })
    return { before, after: change }
  })
  await keepChanges(tx, changes)
  return { calls, again: 'at once' }
}
