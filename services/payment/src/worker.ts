import { setTimeout as sleep } from 'node:timers/promises'
import { inTransaction } from '@mart/service-kit/postgres'
import type { Service } from '@mart/service-kit/start-service'
import type { Work } from '@mart/service-kit/workers'
import { type Config, shopOf } from './config.ts'
import type { Provider, ProviderCall } from './provider-calls.ts'
import type { About, News } from './provider-news.ts'
import { onProviderWork } from './provider-work.ts'
import { connectStripe } from './stripe-client.ts'
import { settlePayment } from './use-cases/settle-payment.ts'
import { takeProviderCall } from './use-cases/take-provider-call.ts'

const CALLS_AT_ONCE = 8
const LOOK_EVERY_MS = 2_000
const LOCKED_MS = 20

/** Calls providers, several at once, so that a slow answer holds up nobody else. */
export function works({ db, config, logger }: Service<Config>): Work[] {
  const { stripe } = shopOf(config)
  const providers: Record<string, Provider> = stripe ? { stripe: connectStripe(stripe) } : {}

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

  return Array.from({ length: CALLS_AT_ONCE }, (_, lane) => ({
    name: `provider calls ${lane + 1}`,
    everyMs: LOOK_EVERY_MS,
    run: callNext,
    onReady: onProviderWork,
  }))
}

type Answered = { news: News; about: About }

function callProvider(provider: Provider | undefined, call: ProviderCall): Promise<Answered> {
  const { attempt } = call
  if (provider) return attempt.status === 'voiding' && attempt.session_id ? provider.end(call) : provider.open(call)
  // Without its keys nothing can be opened; what is open already waits for them.
  const reason = `this shop has no keys for ${attempt.method}`
  const kind = attempt.session_id ? 'no_answer' : 'failed'
  return Promise.resolve({ news: { kind, reason }, about: { attemptId: attempt.id, sessionId: null, charge: null } })
}

async function unlessStopped<Result>(signal: AbortSignal, work: Promise<Result>): Promise<Result | null> {
  let stop = () => {}
  const stopped = new Promise<null>((resolve) => {
    stop = () => resolve(null)
    signal.addEventListener('abort', stop)
  })
  return await Promise.race([work, stopped]).finally(() => signal.removeEventListener('abort', stop))
}
