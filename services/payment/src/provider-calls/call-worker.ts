import { setTimeout as sleep } from 'node:timers/promises'
import type { Logger } from '@mart/service-kit/logger'
import type { Work } from '@mart/service-kit/workers'
import type { Taken } from './provider-calls.ts'
import { onProviderWork, type ProviderWork } from './provider-work.ts'

const LOOK_EVERY_MS = 2_000
const LOCKED_MS = 20

export interface Calls<Call> {
  readonly kind: ProviderWork
  readonly mostAtOnce: number
  /** Takes what is due, under leases. */
  readonly take: (atMost: number) => Promise<Taken<Call>>
  readonly make: (call: Call, signal: AbortSignal) => Promise<void>
}

/** Calls providers, several at once: one looks for all what is due, and a slow answer holds up nobody else. */
export function callsAtOnce<Call>({ kind, mostAtOnce, take, make }: Calls<Call>, logger: Logger): Work {
  const underWay = new Set<Promise<void>>()
  const begin = (call: Call, signal: AbortSignal) => {
    const made = make(call, signal)
      .catch((error: unknown) => logger.error({ err: error, work: kind }, 'the lease of a call has to end'))
      .finally(() => underWay.delete(made))
    underWay.add(made)
  }
  return {
    name: kind,
    everyMs: LOOK_EVERY_MS,
    onReady: (wake) => onProviderWork(kind, wake),
    async run(signal) {
      if (underWay.size >= mostAtOnce) await Promise.race(underWay)
      if (signal.aborted) return false
      const { calls, again } = await take(mostAtOnce - underWay.size)
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
