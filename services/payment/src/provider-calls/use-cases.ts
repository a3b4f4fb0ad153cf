import { newId } from '@mart/service-kit/ids'
import type { Transaction } from '@mart/service-kit/postgres'
import type { PaymentRecord } from '../payment-record.ts'
import { endWaiting, readMartId } from '../provider-events/provider-event-store.ts'
import type { About, News } from '../provider-news.ts'
import type { Change, Changed } from '../record-change.ts'
import { lockNamedRecords, lockRecord, lockRecordsToCall } from '../record-store.ts'
import { keepChanges } from '../record-writer.ts'
import { leaseRefund } from '../refunds/refund-moves.ts'
import { settle } from '../settle.ts'
import type { Leases } from './leases.ts'
import { finishLook, leaseLooks } from './look-store.ts'
import { leaseCall, type ProviderCall, type RefundCall, type Taken } from './provider-calls.ts'

interface Wanted {
  readonly leases: Leases
  readonly atMost: number
}

/** Takes the calls about attempts that are due longest, under leases. */
export async function takeProviderCalls(tx: Transaction, { leases, atMost }: Wanted): Promise<Taken<ProviderCall>> {
  return await take(tx, { what: 'attempts', atMost }, (record, { now, martId }) => {
    const { change, attempt } = leaseCall(record, { now, newId }, leases)
    return { change, call: attempt && { payment: change.payment, attempt, martId } }
  })
}

/** Takes the refunds that are due longest, under leases. */
export async function takeRefundCalls(tx: Transaction, { leases, atMost }: Wanted): Promise<Taken<RefundCall>> {
  return await take(tx, { what: 'refunds', atMost }, (record, { now, martId }) => {
    const { change, refund } = leaseRefund(record, { now, newId }, leases)
    const attempt = change.attempts.find(({ id }) => id === refund?.attempt_id)
    return { change, call: refund && attempt ? { payment: change.payment, attempt, refund, martId } : null }
  })
}

async function take<Call>(
  tx: Transaction,
  { what, atMost }: { what: 'attempts' | 'refunds'; atMost: number },
  lease: (record: PaymentRecord, at: { now: Date; martId: string }) => { change: Change; call: Call | null },
): Promise<Taken<Call>> {
  const now = new Date()
  const records = await lockRecordsToCall(tx, { what, now, atMost })
  if (records === 'locked') return { calls: [], again: 'soon' }
  if (records.length === 0) return { calls: [], again: 'when woken' }
  const martId = await readMartId(tx)
  const calls: Call[] = []
  const changes = records.map((before): Changed => {
    const { change, call } = lease(before, { now, martId })
    if (call) calls.push(call)
    return { before, after: change }
  })
  await keepChanges(tx, changes)
  return { calls, again: 'at once' }
}

export interface LookTaken {
  readonly call: ProviderCall
  readonly leaseEnd: Date
}

/** Takes the looks at providers' records that are due longest. */
export async function takeLooks(
  tx: Transaction,
  { leases, atMost }: { leases: Leases; atMost: number },
): Promise<Taken<LookTaken>> {
  const looks = await leaseLooks(tx, { leases, now: new Date(), atMost })
  if (looks === 'locked') return { calls: [], again: 'soon' }
  if (looks.length === 0) return { calls: [], again: 'when woken' }
  const named = looks.map(({ attempt_id: attemptId }) => ({ attemptId, charge: null }))
  const [records, martId] = await Promise.all([lockNamedRecords(tx, named), readMartId(tx)])
  const calls = looks.flatMap(({ attempt_id, transaction_id: transactionId, next_look_at: leaseEnd }) => {
    const record = records.find(({ attempts }) => attempts.some(({ id }) => id === attempt_id))
    const attempt = record?.attempts.find(({ id }) => id === attempt_id)
    return record && attempt ? { call: { payment: record.payment, attempt, martId, transactionId }, leaseEnd } : []
  })
  return { calls, again: 'at once' }
}

/** Does what the record says. What it does not decide is looked at again. Returns what staff should read in the log. */
export async function settleLook(
  tx: Transaction,
  { leaseEnd, news, about }: { leaseEnd: Date; news: News; about: About },
): Promise<string[]> {
  const { attemptId } = about
  const record = await lockRecord(tx, { attemptId })
  const attempt = record?.attempts.find(({ id }) => id === attemptId)
  if (!record || !attempt) throw new RangeError(`There is no attempt ${attemptId}`)
  const now = new Date()
  const isDecided = ['paid', 'failed', 'expired'].includes(news.kind)
  const text = 'reason' in news ? news.reason : news.kind
  await finishLook(tx, { attemptId, leaseEnd, news: text, isDecided, now })
  if (news.kind === 'no_answer') return []
  await endWaiting(tx, attemptId)
  // The same decline, seen again, is told to nobody.
  if (news.kind === 'declined' && attempt.error === news.reason) return []
  const after = settle(record, { news, about }, { now, newId })
  await keepChanges(tx, [{ before: record, after }])
  return after.alarms
}
