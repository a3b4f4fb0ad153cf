import { backoffMs } from './backoff.ts'
import type { Logger } from './logger.ts'
import { createWakeUp } from './wake-up.ts'

const BACKOFF = { firstMs: 400, mostMs: 30_000 }

export interface Work {
  readonly name: string
  readonly everyMs: number
  /** Does what is due; returning `true` says that there may be more, so it is called again at once. */
  readonly run: (signal: AbortSignal) => Promise<unknown>
  /** Hands out how to call it before its time, for work that has just been written down. */
  readonly onReady?: (wake: () => void) => void
  /** Waits for what a run has left under way, once no run comes any more. */
  readonly onStopped?: () => Promise<unknown>
}

export interface Worker {
  readonly name: string
  readonly stop: () => Promise<void>
}

/** Runs timed work for ever, one run at a time; a run that throws is logged and tried again with backoff. */
export function startWorker(work: Work, logger: Logger): Worker {
  const stopping = new AbortController()
  const wakeUp = createWakeUp()
  work.onReady?.(wakeUp.wake)
  const run = async () => {
    let failures = 0
    while (!stopping.signal.aborted) {
      let pauseMs = work.everyMs
      try {
        if ((await work.run(stopping.signal)) === true) pauseMs = 0
        failures = 0
      } catch (error) {
        if (stopping.signal.aborted) return
        pauseMs = backoffMs(failures++, BACKOFF)
        logger.error({ err: error, work: work.name, retry_in_ms: pauseMs }, 'timed work failed')
      }
      if (pauseMs > 0 && !stopping.signal.aborted) await wakeUp.wait(pauseMs)
    }
  }
  const ended = run()
  return {
    name: work.name,
    async stop() {
      stopping.abort()
      wakeUp.wake()
      await ended
      await work.onStopped?.()
    },
  }
}
