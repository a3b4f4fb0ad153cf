import { inBatches } from '@mart/service-kit/batches'
import { record } from '@mart/service-kit/instruments'
import { inTransaction, isCollision, isPassingFault } from '@mart/service-kit/postgres'
import type { Service } from '@mart/service-kit/start-service'
import { failSpan, inSpan, msSince, SpanKind, type StartedSpan } from '@mart/service-kit/tracing'
import type { Work } from '@mart/service-kit/workers'
import { type Config, shopOf } from './config.ts'
import { callsSetAside, providerCalls, reconciliationFindings } from './instruments.ts'
import { connectPayfast } from './payfast/payfast-client.ts'
import type { CallKind } from './payment-tables.ts'
import { callsAtOnce, unlessStopped } from './provider-calls/call-worker.ts'
import type { ClaimedCall, Provider, ProviderCall } from './provider-calls/provider-calls.ts'
import { onProviderWork } from './provider-calls/provider-work.ts'
import { type CallsClaimed, callsToClaim, claimCalls, giveBackCalls, setAside } from './provider-calls/use-cases.ts'
import { dropExpiredEvents } from './provider-events/use-cases.ts'
import type { Answer, News, Told } from './provider-news.ts'
import { reconcileNext } from './reconciliation/reconciliation-worker.ts'
import { connectStripe } from './stripe/stripe-client.ts'
import { type Applied, alarmsIn, updateRecords } from './use-cases/record-update.ts'

/** Each kind waits for none of the others: a refund may take as long as PayFast likes. */
const lanes: readonly { name: string; kinds: readonly CallKind[]; mostAtOnce: number }[] = [
  { name: 'attempts', kinds: ['open', 'end'], mostAtOnce: 16 },
  { name: 'refunds', kinds: ['refund'], mostAtOnce: 2 },
  { name: 'polls', kinds: ['poll'], mostAtOnce: 4 },
]
interface Making {
  readonly span: StartedSpan
  readonly about: object
  readonly signal: AbortSignal
}

const MOST_ANSWERS = 22
const TIDY_EVERY_MS = 10 * 60_000
const RECONCILE_EVERY_MS = 2_000

/** Calls providers, several at once, so that a slow answer holds up nobody else. */
export function works(service: Service<Config>): Work[] {
  const { db, config, logger, tracer } = service
  const countFinding = (kind: string) => record(db, reconciliationFindings, [{ kind }])
  const { leases, ...shop } = shopOf(config)
  const stripe = shop.stripe && connectStripe(shop.stripe)
  const providers: Record<string, Provider> = {
    ...(stripe && { stripe }),
    ...(shop.payfast && { payfast: connectPayfast(shop.payfast) }),
  }
  const poll = (call: ProviderCall) => pollBy(providers[call.attempt.method], call)

  const recorded = inBatches<Told, Applied>({
    run: (batch) => inTransaction(db, (tx) => updateRecords(tx, batch)),
    mostItems: MOST_ANSWERS,
    mostAtOnce: 1,
    mostWaiting: Number.POSITIVE_INFINITY,
  })

  const putAside = async (callId: string, kind: string, error: unknown, about: object = {}) => {
    const waitS = await inTransaction(db, (tx) => setAside(tx, callId, error))
    record(db, callsSetAside, [{ kind }])
    logger.error({ ...about, err: error, call: callId, kind, retry_in_s: waitS }, 'a provider call was set aside')
  }

  const claim = async (kinds: readonly CallKind[], atMost: number): Promise<CallsClaimed> => {
    try {
      return await inTransaction(db, (tx) => claimCalls(tx, { kinds, leases, atMost }))
    } catch (error) {
      if (isPassingFault(error) && !isCollision(error)) throw error
      return await claimEach(kinds, atMost)
    }
  }

  /** One that can't be claimed must not hold up those behind it. */
  const claimEach = async (kinds: readonly CallKind[], atMost: number): Promise<CallsClaimed> => {
    const calls: ClaimedCall[] = []
    for (const callId of await inTransaction(db, (tx) => callsToClaim(tx, kinds, atMost))) {
      const wanted = { kinds, leases, atMost: 1, callId }
      await inTransaction(db, (tx) => claimCalls(tx, wanted)).then(
        (claimed) => calls.push(...claimed.calls),
        (error: unknown) => putAside(callId, kinds.join(' or '), error),
      )
    }
    return { calls, again: 'at once' }
  }

  const make = (call: ClaimedCall, signal: AbortSignal): Promise<void> => {
    const { payment, attempt, refund, kind } = call
    const ids = { order_id: payment.order_id, payment_id: payment.id }
    const about = { ...ids, attempt_id: attempt.id, refund_id: refund?.id }
    const attributes = { 'order.id': payment.order_id, 'mart.payment_id': payment.id, 'mart.attempt_id': attempt.id }
    const name = `${attempt.method}: ${kind}`
    const wanted = { name, kind: SpanKind.CLIENT, parent: attempt.traceparent ?? undefined, attributes, ids }
    return inSpan(tracer, wanted, (span) => makeOne(call, { span, about, signal }))
  }

  const makeOne = async (call: ClaimedCall, { span, about, signal }: Making): Promise<void> => {
    try {
      const answered = await unlessStopped(signal, () => makeCall(providers[call.attempt.method], call))
      // Stopping: the claim ends, and what can be repeated is, with the same key; the rest is a person's to look at.
      if (!answered) return
      record(db, providerCalls, [
        { method: call.attempt.method, kind: call.kind, outcome: answerIn(answered.news).kind },
      ])
      const failure = failureIn(call, answered.news)
      const name = `${call.attempt.method}: ${call.kind}`
      const answer = answerIn(answered.news).kind
      if (failure) {
        failSpan(span, failure.kind)
        logger.warn({ ...about, ...failure, ms: msSince(span) }, `${name} failed`)
      } else logger.info({ ...about, answer, ms: msSince(span) }, `${name} was answered ${answer}`)
      const applied = await recorded({ ...answered, trace: () => span.traceparent })
      for (const alarm of alarmsIn([applied])) logger.error(about, alarm)
    } catch (error) {
      failSpan(span, error)
      await putAside(call.id, call.kind, error, about)
    }
  }

  const giveBack = (calls: readonly ClaimedCall[]) => inTransaction(db, (tx) => giveBackCalls(tx, calls))

  return [
    ...lanes.map((lane) => callsAtOnce<ClaimedCall>({ ...lane, claim, giveBack, make }, logger)),
    {
      name: 'reconciliation',
      everyMs: RECONCILE_EVERY_MS,
      run: (signal) => reconcileNext({ service, leases, countFinding, poll, listEvents: stripe?.events }, signal),
      onReady: (wake) => onProviderWork('reconciliation', wake),
    },
    {
      name: 'old provider events',
      everyMs: TIDY_EVERY_MS,
      run: () => inTransaction(db, dropExpiredEvents),
    },
  ]
}

const answerIn = (news: News) => (news.kind === 'refund_answered' ? news.answer : news)

/** A poll that decides nothing is no failure. */
function failureIn({ kind }: ClaimedCall, news: News): { kind: string; reason: string } | null {
  if (kind === 'poll') return null
  const answer = answerIn(news)
  const isFailure = kind === 'refund' || answer.kind === 'no_answer' || answer.kind === 'nothing_made'
  return isFailure && 'reason' in answer ? { kind: answer.kind, reason: answer.reason } : null
}

async function makeCall(provider: Provider | undefined, call: ClaimedCall): Promise<Answer> {
  const { id, kind, attempt, refund } = call
  if (kind === 'refund' && refund) {
    const answer = (await provider?.refund({ ...call, refund })) ?? { kind: 'failed', reason: noKeys(attempt.method) }
    const news = { kind: 'refund_answered', refundId: refund.id, answer } as const
    return { news, about: { attemptId: attempt.id, sessionId: null, charge: null }, call: { id, kind } }
  }
  const answered = await (kind === 'poll' ? pollBy(provider, call) : openOrEnd(provider, call))
  return { ...answered, call: { id, kind } }
}

const pollBy = async (provider: Provider | undefined, call: ProviderCall): Promise<Answer> =>
  (await provider?.poll(call)) ?? unasked(call, 'no_answer')

/** Without its keys nothing can be opened; what is open already waits for them. */
const openOrEnd = async (provider: Provider | undefined, call: ClaimedCall): Promise<Answer> =>
  (await (call.kind === 'end' ? provider?.end(call) : provider?.open(call))) ??
  unasked(call, call.attempt.session_id ? 'no_answer' : 'failed')

const noKeys = (method: string) => `this shop has no keys for ${method}`

const unasked = ({ attempt }: ProviderCall, kind: 'no_answer' | 'failed'): Answer => ({
  news: { kind, reason: noKeys(attempt.method) },
  about: { attemptId: attempt.id, sessionId: null, charge: null },
})
