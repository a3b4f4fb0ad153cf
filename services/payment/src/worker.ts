import { setTimeout as sleep } from 'node:timers/promises'
import { countPer } from '@mart/service-kit/metrics'
import { inTransaction } from '@mart/service-kit/postgres'
import type { Service } from '@mart/service-kit/start-service'
import type { Work } from '@mart/service-kit/workers'
import { type Config, shopOf } from './config.ts'
import { connectPayfast } from './payfast-client.ts'
import type { Provider, ProviderCall, RefundCall, RefundNews } from './provider-calls.ts'
import type { About, News } from './provider-news.ts'
import { onProviderWork } from './provider-work.ts'
import { reconcileNext } from './reconciliation-worker.ts'
import { connectStripe } from './stripe-client.ts'
import { unlessStopped } from './unless-stopped.ts'
import { dropExpiredEvents } from './use-cases/keep-inbox.ts'
import { settleLook, takeLook } from './use-cases/look-at-record.ts'
import { settlePayment } from './use-cases/settle-payment.ts'
import { recordRefund } from './use-cases/settle-refund.ts'
import { takeProviderCall, takeRefundCall } from './use-cases/take-provider-call.ts'

const CALLS_AT_ONCE = 8
const REFUNDS_AT_ONCE = 2
const LOOKS_AT_ONCE = 4
const TIDY_EVERY_MS = 10 * 60_000
const LOOK_EVERY_MS = 2_000
const LOCKED_MS = 20

/** Calls providers, several at once, so that a slow answer holds up nobody else. */
export function works(service: Service<Config>): Work[] {
  const { db, config, logger } = service
  const countFinding = countPer(service.metrics, {
    name: 'reconciliation_findings_total',
    help: 'What a provider’s record and ours did not agree on',
    label: 'kind',
  })
  const shop = shopOf(config)
  const stripe = shop.stripe && connectStripe(shop.stripe)
  const providers: Record<string, Provider> = {
    ...(stripe && { stripe }),
    ...(shop.payfast && { payfast: connectPayfast(shop.payfast) }),
  }
  const reconciling = {
    service,
    countFinding,
    look: (call: ProviderCall) => lookBy(providers[call.attempt.method], call),
    listEvents: stripe?.events,
  }

  const callNext = async (signal: AbortSignal) => {
    const { call, again } = await inTransaction(db, takeProviderCall)
    if (again === 'soon') await sleep(LOCKED_MS)
    if (!call) return again !== 'when woken'
    const answered = await unlessStopped(signal, callProvider(providers[call.attempt.method], call))
    // Stopping: the lease ends, and another process repeats the call with the same key.
    if (!answered) return false
    const { payment, attempt } = call
    if (answered.news.kind === 'no_answer' || answered.news.kind === 'nothing_made') {
      logger.warn(
        { order_id: payment.order_id, attempt_id: attempt.id, reason: answered.news.reason },
        'provider call failed',
      )
    }
    const alarms = await inTransaction(db, (tx) => settlePayment(tx, answered))
    for (const alarm of alarms) logger.error({ order_id: payment.order_id }, alarm)
    return true
  }

  const refundNext = async (signal: AbortSignal) => {
    const { call, again } = await inTransaction(db, takeRefundCall)
    if (again === 'soon') await sleep(LOCKED_MS)
    if (!call) return again !== 'when woken'
    const news = await unlessStopped(signal, refundBy(providers[call.attempt.method], call))
    // Stopping: when the lease ends, what can be repeated is, with the same key; the rest is a person's to look at.
    if (!news) return false
    const about = { order_id: call.payment.order_id, refund_id: call.refund.id }
    if ('reason' in news) logger.warn({ ...about, kind: news.kind, reason: news.reason }, 'refund call failed')
    const heard = { refundId: call.refund.id, news }
    for (const alarm of await inTransaction(db, (tx) => recordRefund(tx, heard))) logger.error(about, alarm)
    return true
  }

  const lookNext = async (signal: AbortSignal) => {
    const taken = await inTransaction(db, takeLook)
    if (!taken) return false
    const { call, leaseEnd } = taken
    const answered = await unlessStopped(signal, lookBy(providers[call.attempt.method], call))
    // Stopping: the lease ends, and another process looks.
    if (!answered) return false
    const about = { order_id: call.payment.order_id, attempt_id: call.attempt.id }
    const alarms = await inTransaction(db, (tx) => settleLook(tx, { ...answered, leaseEnd }))
    for (const alarm of alarms) logger.error(about, alarm)
    return true
  }

  return [
    ...lanes('provider calls', CALLS_AT_ONCE, callNext),
    ...lanes('refunds', REFUNDS_AT_ONCE, refundNext),
    ...lanes('looks', LOOKS_AT_ONCE, lookNext),
    ...lanes('reconciliation', 1, (signal) => reconcileNext(reconciling, signal)),
    {
      name: 'old provider events',
      everyMs: TIDY_EVERY_MS,
      run: () => inTransaction(db, dropExpiredEvents),
    },
  ]
}

const lanes = (name: string, count: number, run: (signal: AbortSignal) => Promise<boolean>): Work[] =>
  Array.from({ length: count }, (_, lane) => ({
    name: `${name} ${lane + 1}`,
    everyMs: LOOK_EVERY_MS,
    run,
    onReady: onProviderWork,
  }))

const lookBy = (provider: Provider | undefined, call: ProviderCall): Promise<Answered> =>
  provider?.look(call) ??
  Promise.resolve({
    news: { kind: 'no_answer', reason: `this shop has no keys for ${call.attempt.method}` },
    about: { attemptId: call.attempt.id, sessionId: null, charge: null },
  })

const refundBy = (provider: Provider | undefined, call: RefundCall): Promise<RefundNews> =>
  provider?.refund(call) ??
  Promise.resolve({ kind: 'failed', reason: `this shop has no keys for ${call.attempt.method}` })

type Answered = { news: News; about: About }

function callProvider(provider: Provider | undefined, call: ProviderCall): Promise<Answered> {
  const { attempt } = call
  if (provider) return attempt.status === 'voiding' && attempt.session_id ? provider.end(call) : provider.open(call)
  // Without its keys nothing can be opened; what is open already waits for them.
  const reason = `this shop has no keys for ${attempt.method}`
  const kind = attempt.session_id ? 'no_answer' : 'failed'
  return Promise.resolve({ news: { kind, reason }, about: { attemptId: attempt.id, sessionId: null, charge: null } })
}
