import { newId } from '@mart/service-kit/ids'
import type { Transaction } from '@mart/service-kit/postgres'
import type { Leases } from '../leases.ts'
import type { Story } from '../payment.ts'
import type { Change, Changed } from '../payment-change.ts'
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
  return await take(tx, { what: 'attempts', atMost }, (story, { now, martId }) => {
    const { change, attempt } = leaseCall(story, { now, newId }, leases)
    return { change, call: attempt && { payment: change.payment, attempt, martId } }
  })
}

/** Takes the refunds that are due longest, under leases. */
export async function takeRefundCalls(tx: Transaction, { leases, atMost }: Wanted): Promise<Taken<RefundCall>> {
  return await take(tx, { what: 'refunds', atMost }, (story, { now, martId }) => {
    const { change, refund } = leaseRefund(story, { now, newId }, leases)
    const attempt = change.attempts.find(({ id }) => id === refund?.attempt_id)
    return { change, call: refund && attempt ? { payment: change.payment, attempt, refund, martId } : null }
  })
}

async function take<Call>(
  tx: Transaction,
  { what, atMost }: { what: 'attempts' | 'refunds'; atMost: number },
  lease: (story: Story, at: { now: Date; martId: string }) => { change: Change; call: Call | null },
): Promise<Taken<Call>> {
  const now = new Date()
  const stories = await lockStoriesToCall(tx, { what, now, atMost })
  if (stories === 'locked') return { calls: [], again: 'soon' }
  if (stories.length === 0) return { calls: [], again: 'when woken' }
  const martId = await readMartId(tx)
  const calls: Call[] = []
  const changes = stories.map((before): Changed => {
    const { change, call } = lease(before, { now, martId })
    if (call) calls.push(call)
    return { before, after: change }
  })
  await keepChanges(tx, changes)
  return { calls, again: 'at once' }
}
