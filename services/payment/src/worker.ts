import { inBatches } from '@mart/service-kit/batches'
import { countPer } from '@mart/service-kit/metrics'
import { inTransaction } from '@mart/service-kit/postgres'
import type { Service } from '@mart/service-kit/start-service'
import type { Work } from '@mart/service-kit/workers'
import { type Config, shopOf } from './config.ts'
import { connectPayfast } from './payfast/payfast-client.ts'
import { callsAtOnce, unlessStopped } from './provider-calls/call-worker.ts'
import type { Answer, Provider, ProviderCall, RefundCall, RefundNews } from './provider-calls/provider-calls.ts'
import { onProviderWork } from './provider-calls/provider-work.ts'
import {
  type LookTaken,
  settleLook,
  takeLooks,
  takeProviderCalls,
  takeRefundCalls,
} from './provider-calls/use-cases.ts'
import { dropExpiredEvents } from './provider-events/use-cases.ts'
import { reconcileNext } from './reconciliation/reconciliation-worker.ts'
import { recordRefund } from './refunds/use-cases.ts'
import { connectStripe } from './stripe/stripe-client.ts'
import { type Applied, alarmsIn, updateRecords } from './use-cases/record-update.ts'

const CALLS_AT_ONCE = 16
const REFUNDS_AT_ONCE = 2
const LOOKS_AT_ONCE = 4
const TIDY_EVERY_MS = 10 * 60_000
const RECONCILE_EVERY_MS = 2_000

/** Calls providers, several at once, so that a slow answer holds up nobody else. */
export function works(service: Service<Config>): Work[] {
  const { db, config, logger } = service
  const countFinding = countPer(service.metrics, {
    name: 'reconciliation_findings_total',
    help: 'What a provider’s record and ours did not agree on',
    label: 'kind',
  })
  const { leases, ...shop } = shopOf(config)
  const stripe = shop.stripe && connectStripe(shop.stripe)
  const providers: Record<string, Provider> = {
    ...(stripe && { stripe }),
    ...(shop.payfast && { payfast: connectPayfast(shop.payfast) }),
  }
  const reconciling = {
    service,
    leases,
    countFinding,
    look: (call: ProviderCall) => lookBy(providers[call.attempt.method], call),
    listEvents: stripe?.events,
  }

  const settled = inBatches<Answer, Applied>({
    run: (batch) => inTransaction(db, (tx) => updateRecords(tx, batch)),
    mostItems: CALLS_AT_ONCE,
    mostAtOnce: 1,
    mostWaiting: Number.POSITIVE_INFINITY,
  })

  const call = async (wanted: ProviderCall, signal: AbortSignal) => {
    const answered = await unlessStopped(signal, () => callProvider(providers[wanted.attempt.method], wanted))
    // Stopping: the lease ends, and another process repeats the call with the same key.
    if (!answered) return
    const about = { order_id: wanted.payment.order_id, attempt_id: wanted.attempt.id }
    if (answered.news.kind === 'no_answer' || answered.news.kind === 'nothing_made') {
      logger.warn({ ...about, reason: answered.news.reason }, 'provider call failed')
    }
    for (const alarm of alarmsIn([await settled(answered)])) logger.error(about, alarm)
  }

  const refund = async (wanted: RefundCall, signal: AbortSignal) => {
    const news = await unlessStopped(signal, () => refundBy(providers[wanted.attempt.method], wanted))
    // Stopping: when the lease ends, what can be repeated is, with the same key; the rest is a person's to look at.
    if (!news) return
    const about = { order_id: wanted.payment.order_id, refund_id: wanted.refund.id }
    if ('reason' in news) logger.warn({ ...about, kind: news.kind, reason: news.reason }, 'refund call failed')
    const heard = { refundId: wanted.refund.id, news }
    for (const alarm of await inTransaction(db, (tx) => recordRefund(tx, heard))) logger.error(about, alarm)
  }

  const look = async ({ call, leaseEnd }: LookTaken, signal: AbortSignal) => {
    const answered = await unlessStopped(signal, () => lookBy(providers[call.attempt.method], call))
    // Stopping: the lease ends, and another process looks.
    if (!answered) return
    const about = { order_id: call.payment.order_id, attempt_id: call.attempt.id }
    const alarms = await inTransaction(db, (tx) => settleLook(tx, { ...answered, leaseEnd }))
    for (const alarm of alarms) logger.error(about, alarm)
  }

  return [
    callsAtOnce<ProviderCall>(
      {
        kind: 'attempts',
        mostAtOnce: CALLS_AT_ONCE,
        take: (atMost) => inTransaction(db, (tx) => takeProviderCalls(tx, { leases, atMost })),
        make: call,
      },
      logger,
    ),
    callsAtOnce<RefundCall>(
      {
        kind: 'refunds',
        mostAtOnce: REFUNDS_AT_ONCE,
        take: (atMost) => inTransaction(db, (tx) => takeRefundCalls(tx, { leases, atMost })),
        make: refund,
      },
      logger,
    ),
    callsAtOnce<LookTaken>(
      {
        kind: 'looks',
        mostAtOnce: LOOKS_AT_ONCE,
        take: (atMost) => inTransaction(db, (tx) => takeLooks(tx, { leases, atMost })),
        make: look,
      },
      logger,
    ),
    {
      name: 'reconciliation',
      everyMs: RECONCILE_EVERY_MS,
      run: (signal) => reconcileNext(reconciling, signal),
      onReady: (wake) => onProviderWork('reconciliation', wake),
    },
    {
      name: 'old provider events',
      everyMs: TIDY_EVERY_MS,
      run: () => inTransaction(db, dropExpiredEvents),
    },
  ]
}

const lookBy = (provider: Provider | undefined, call: ProviderCall): Promise<Answer> =>
  provider?.look(call) ??
  Promise.resolve({
    news: { kind: 'no_answer', reason: `this shop has no keys for ${call.attempt.method}` },
    about: { attemptId: call.attempt.id, sessionId: null, charge: null },
  })

const refundBy = (provider: Provider | undefined, call: RefundCall): Promise<RefundNews> =>
  provider?.refund(call) ??
  Promise.resolve({ kind: 'failed', reason: `this shop has no keys for ${call.attempt.method}` })

function callProvider(provider: Provider | undefined, call: ProviderCall): Promise<Answer> {
  const { attempt } = call
  if (provider) return attempt.status === 'voiding' && attempt.session_id ? provider.end(call) : provider.open(call)
  // Without its keys nothing can be opened; what is open already waits for them.
  const reason = `this shop has no keys for ${attempt.method}`
  const kind = attempt.session_id ? 'no_answer' : 'failed'
  return Promise.resolve({ news: { kind, reason }, about: { attemptId: attempt.id, sessionId: null, charge: null } })
}
