import { setTimeout as sleep } from 'node:timers/promises'
import type { Logger } from '@mart/service-kit/logger'
import type { Work } from '@mart/service-kit/workers'
import type { CallKind } from '../payment-tables.ts'
import { onProviderWork } from './provider-work.ts'

const CLAIM_EVERY_MS = 2_000
const LOCKED_MS = 20

export interface Calls<Call> {
  readonly name: string
  readonly kinds: readonly CallKind[]
  readonly mostAtOnce: number
  readonly claim: (kinds: readonly CallKind[], atMost: number) => Promise<Claims<Call>>
  /** They were claimed when the service was to stop. */
  readonly giveBack: (calls: readonly Call[]) => Promise<void>
  readonly make: (call: Call, signal: AbortSignal) => Promise<void>
}

interface Claims<Call> {
  readonly calls: readonly Call[]
  readonly again: 'at once' | 'soon' | 'when woken'
}

/** Calls providers, several at once: one claims for all what is due, and a slow answer holds up nobody else. */
export function callsAtOnce<Call>(calls: Calls<Call>, logger: Logger): Work {
  const { name, kinds, mostAtOnce, claim, giveBack, make } = calls
  const underWay = new Set<Promise<void>>()
  const begin = (call: Call, signal: AbortSignal) => {
    const made = make(call, signal)
      .catch((error: unknown) => logger.error({ err: error, work: name }, 'the claim of a call has to end'))
      .finally(() => underWay.delete(made))
    underWay.add(made)
  }
  return {
    name,
    everyMs: CLAIM_EVERY_MS,
    onReady: (wake) => {
      for (const kind of kinds) onProviderWork(kind, wake)
    },
    async run(signal) {
      if (underWay.size >= mostAtOnce) await Promise.race(underWay)
      if (signal.aborted) return false
      const { calls, again } = await claim(kinds, mostAtOnce - underWay.size)
      if (signal.aborted) {
        if (calls.length > 0) await giveBack(calls)
        return false
      }
      for (const call of calls) begin(call, signal)
      if (again === 'soon') await sleep(LOCKED_MS)
      return again !== 'when woken'
    },
    onStopped: () => Promise.all(underWay),
  }
}

/** What the work results in, or null as soon as the service is to stop: nobody waits for a provider then, or begins. */
export async function unlessStopped<Result>(signal: AbortSignal, work: () => Promise<Result>): Promise<Result | null> {
  if (signal.aborted) return null
  let stop = () => {}
  const stopped = new Promise<null>((resolve) => {
    stop = () => resolve(null)
    signal.addEventListener('abort', stop)
  })
  return await Promise.race([work(), stopped]).finally(() => signal.removeEventListener('abort', stop))
}
