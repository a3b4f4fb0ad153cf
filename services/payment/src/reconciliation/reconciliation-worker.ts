import { inTransaction } from '@mart/service-kit/postgres'
import type { Service } from '@mart/service-kit/start-service'
import type { Config } from '../config.ts'
import { unlessStopped } from '../provider-calls/call-worker.ts'
import type { Leases } from '../provider-calls/leases.ts'
import type { ProviderCall } from '../provider-calls/provider-calls.ts'
import { ignoreEvent } from '../provider-events/use-cases.ts'
import type { Answer } from '../provider-news.ts'
import { readEvent, type StripeEvent } from '../stripe/stripe-event.ts'
import type { EventsPage, EventsWanted } from '../stripe/stripe-events-client.ts'
import { alarmsIn, updateRecords } from '../use-cases/record-update.ts'
import type { FindingKind } from './reconciliation.ts'
import { attemptsToReconcile, settledEvents } from './reconciliation-queries.ts'
import {
  claimReconciliation,
  compareRecords,
  finishReconciliation,
  goesOn,
  type NotCompared,
  noteEvent,
  noteNotCompared,
  pollOf,
} from './use-cases.ts'

const ATTEMPTS_AT_ONCE = 100
const LAST_DAYS_MS = 3 * 24 * 60 * 60_000
const STILL_ON_ITS_WAY_MS = 60_000

export interface Reconciling {
  readonly service: Service<Config>
  readonly leases: Leases
  readonly countFinding: (kind: string) => void
  readonly poll: (call: ProviderCall) => Promise<Answer>
  /** Not there where the shop has no provider that keeps a list. */
  readonly listEvents: ((wanted: EventsWanted) => Promise<EventsPage>) | undefined
}

interface Run extends Reconciling {
  readonly id: string
  readonly runId: string
  readonly signal: AbortSignal
}

/** Lays the providers' records beside ours, one after the other: nobody waits for it. Returns whether it did. */
export async function reconcileNext(reconciling: Reconciling, signal: AbortSignal): Promise<boolean> {
  const { service, leases } = reconciling
  const { db } = service
  const taken = await inTransaction(db, (tx) => claimReconciliation(tx, leases))
  if (!taken) return false
  const run = { ...reconciling, id: taken.id, runId: taken.runId, signal }
  // A person who asks wants to know of this very moment; the clock leaves the last one to the webhooks.
  const to = new Date(Date.now() - (taken.askedBy === null ? STILL_ON_ITS_WAY_MS : 0))
  // Events first: what they mend needs no more asking, and the report says which webhooks were lost.
  const isThrough = (await compareEvents(run, to)) && (await compareAttempts(run))
  // Stopping: the lease ends, and another process begins anew.
  if (isThrough) await inTransaction(db, (tx) => finishReconciliation(tx, run))
  return isThrough
}

/** Reads every page of the last days of Stripe's list. Returns false when the service is to stop. */
async function compareEvents(run: Run, to: Date): Promise<boolean> {
  const { signal, listEvents, service } = run
  const { db } = service
  const from = new Date(to.getTime() - LAST_DAYS_MS)
  const open: StripeEvent[] = []
  let after: string | null = null
  while (listEvents) {
    const page: EventsPage | null = await unlessStopped(signal, () => listEvents({ from, to, after }))
    if (!page) return false
    if (page.kind === 'no_answer') {
      await noteMissed(run, { subject: 'events', method: 'stripe', detail: `Stripe’s list of events: ${page.reason}` })
      return true // half a list may lack what comes first: nothing of it is applied
    }
    const ids: string[] = page.events.map((event) => event.id)
    await inTransaction(db, (tx) => goesOn(tx, run, { read: ids.length }))
    const settled = await settledEvents(db, ids)
    open.push(...page.events.filter((event) => !settled.has(event.id)))
    after = ids.at(-1) ?? null
    if (!page.hasMore || after === null) break
  }
  // The oldest first, as they happened: a dispute names a charge that an older event brings.
  for (const event of open.reverse()) {
    if (signal.aborted) return false
    await applyMissedEvent(run, event)
  }
  return true
}

/** Does what an event means as if its webhook had just come. */
async function applyMissedEvent(run: Run, event: StripeEvent): Promise<void> {
  const { id, service } = run
  const { db, logger } = service
  const about = { provider_event: event.id }
  try {
    const notified = readEvent(event)
    const stored = { provider: 'stripe', id: event.id, type: event.type, payload: event } as const
    if (!notified) {
      return await inTransaction(db, async (tx) => {
        await goesOn(tx, run)
        await ignoreEvent(tx, stored)
      })
    }
    const { news, about: told, martId } = notified
    const happenedAt = new Date(event.created * 1000)
    const { applied, kind } = await inTransaction(db, async (tx) => {
      await goesOn(tx, run)
      const notification = { event: stored, happenedAt, martId }
      const applied = await updateRecords(tx, [{ news, about: told, notification }])
      return { applied, kind: await noteEvent(tx, { id, event, notified }) }
    })
    report(run, kind, about)
    for (const alarm of alarmsIn(applied)) logger.error(about, alarm)
  } catch (error) {
    await noteFault(run, error, { subject: event.id, method: 'stripe', about })
  }
}

/** Asks about each attempt that is open too long or was paid in the last days. Returns false when the service is to stop. */
async function compareAttempts(run: Run): Promise<boolean> {
  const { db } = run.service
  let afterId: string | null = null
  do {
    const attemptIds: string[] = await attemptsToReconcile(db, { afterId, limit: ATTEMPTS_AT_ONCE })
    for (const attemptId of attemptIds) {
      if (run.signal.aborted) return false
      const call = await inTransaction(db, (tx) => pollOf(tx, attemptId))
      if (call && !(await compareAttempt(run, call))) return false
    }
    afterId = attemptIds.at(-1) ?? null
  } while (afterId !== null)
  return true
}

async function compareAttempt(run: Run, call: ProviderCall): Promise<boolean> {
  const { signal, poll, service } = run
  const { payment, attempt } = call
  const about = { order_id: payment.order_id, attempt_id: attempt.id }
  try {
    const answered = await unlessStopped(signal, () => poll(call))
    if (!answered) return false
    const { kind, applied } = await inTransaction(service.db, async (tx) => {
      const { kind, mends } = await compareRecords(tx, run, answered)
      return { kind, applied: mends ? await updateRecords(tx, [answered]) : [] }
    })
    report(run, kind, about)
    for (const alarm of alarmsIn(applied)) service.logger.error(about, alarm)
  } catch (error) {
    await noteFault(run, error, { subject: attempt.id, attemptId: attempt.id, method: attempt.method, about })
  }
  return true
}

/** One that breaks holds up none of the others. Where nothing can be written down either, the whole run begins anew. */
async function noteFault(
  run: Run,
  error: unknown,
  { about, ...what }: Omit<NotCompared, 'id' | 'detail'> & { readonly about: object },
): Promise<void> {
  run.service.logger.error({ ...about, err: error }, 'reconciliation could not compare this')
  await noteMissed(run, { ...what, detail: 'a fault of ours: the log says which' }, about)
}

async function noteMissed(run: Run, what: Omit<NotCompared, 'id'>, about: object = {}): Promise<void> {
  await inTransaction(run.service.db, async (tx) => {
    await goesOn(tx, run)
    await noteNotCompared(tx, { id: run.id, ...what })
  })
  report(run, 'not_compared', { ...about, detail: what.detail })
}

function report({ service, countFinding }: Run, kind: FindingKind | null, about: object): void {
  if (!kind) return
  countFinding(kind)
  service.logger.warn({ ...about, kind }, 'reconciliation found')
}
