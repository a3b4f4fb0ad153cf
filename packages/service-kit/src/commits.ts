import { setTimeout as sleep } from 'node:timers/promises'
import { backoffMs } from './backoff.ts'
import type { Progress } from './lanes.ts'
import type { Logger } from './logger.ts'

const BACKOFF = { firstMs: 100, mostMs: 2_000 }
const PATIENCE_MS = 2_000

export interface Commits {
  readonly add: (progress: readonly Progress[]) => void
  /** Resolves when all is committed, or not within 2 s: what is left is heard again and known to the inbox. */
  readonly flushed: () => Promise<void>
}

export interface CommitOptions {
  readonly group: string
  readonly commit: (progress: readonly Progress[]) => Promise<void>
  /** The partitions were lost: their new owner commits. */
  readonly signal: AbortSignal
  readonly logger: Logger
}

/**
 * Commits offsets beside the work, one call at a time with all that came meanwhile, until it succeeds: what was heard is
 * known to the database already, a commit only saves reading it again.
 */
export function startCommitter({ group, commit, signal, logger }: CommitOptions): Commits {
  const waiting = new Map<string, Progress>()
  let isRunning = false
  let running = Promise.resolve()
  const keep = (progress: readonly Progress[]) => {
    for (const one of progress) {
      const name = `${one.topic} ${one.partition}`
      if (one.next > (waiting.get(name)?.next ?? -1)) waiting.set(name, one)
    }
  }
  const commitOnce = async () => {
    const progress = [...waiting.values()]
    waiting.clear()
    try {
      await commit(progress)
    } catch (error) {
      keep(progress)
      throw error
    }
  }
  const run = async () => {
    isRunning = true
    for (let failures = 0; waiting.size > 0 && !signal.aborted; ) {
      try {
        await commitOnce()
        failures = 0
      } catch (error) {
        if (signal.aborted) break
        const waitMs = backoffMs(failures++, BACKOFF)
        logger.warn({ err: error, group, retry_in_ms: waitMs }, 'offsets could not be committed, trying again')
        await sleep(waitMs, undefined, { signal }).catch(() => undefined)
      }
    }
    isRunning = false
  }

  return {
    add(progress) {
      keep(progress)
      if (!isRunning) running = run()
    },
    async flushed() {
      await Promise.race([running, sleep(PATIENCE_MS, undefined, { ref: false })])
    },
  }
}
