import type { ChildProcess } from 'node:child_process'
import { setTimeout as sleep } from 'node:timers/promises'
import { backoffMs } from '@mart/service-kit/backoff'

export interface Keeping {
  /** For lines to people. */
  readonly name: string
  readonly first: ChildProcess
  /** Resolves when the new process can be used. */
  readonly start: () => Promise<ChildProcess>
  /** Resolves when the process is gone. */
  readonly end: (child: ChildProcess) => Promise<void>
  /** Given, a process that dies is started again, and each line says so. */
  readonly report?: ((line: string) => void) | undefined
}

export interface Kept {
  /** Another one after a restart. */
  readonly child: () => ChildProcess
  readonly stop: () => Promise<void>
  /** Starts it again after a stop, or after it died and nobody wanted to hear of it. */
  readonly start: () => Promise<void>
}

/** Starts a server that has died again, unless nobody wants to hear of it. */
export function keepAlive({ name, first, start, end, report }: Keeping): Kept {
  let child = first
  let stopping = false
  watch()
  return {
    child: () => child,
    stop() {
      stopping = true
      return end(child)
    },
    async start() {
      stopping = false
      child = await start()
      watch()
    },
  }

  function watch() {
    if (!report) return
    child.once('exit', (code, signal) => {
      if (stopping) return
      report(`${name} died (${signal ?? `exit code ${code}`}), starting it again`)
      void startAgain(report)
    })
  }
  async function startAgain(say: (line: string) => void) {
    for (let failures = 0; !stopping; failures++) {
      await sleep(backoffMs(failures, { firstMs: 200 }))
      if (stopping) return
      try {
        child = await start()
        if (stopping) return await end(child)
        watch()
        return say(`${name} is up again`)
      } catch (error) {
        say((error as Error).message)
      }
    }
  }
}
