import { type ChildProcess, type SpawnOptions, spawn } from 'node:child_process'
import { closeSync, fstatSync, openSync, readFileSync } from 'node:fs'
import { setTimeout as sleep } from 'node:timers/promises'
import { MartFault } from '@mart/service-kit/fault'
import { endAfterOurKill, endWithUs, isGone } from './processes.ts'

export interface Launch {
  readonly name: string
  readonly command: string
  readonly args: readonly string[]
  /** What it writes is appended here. */
  readonly logFile: string
  readonly options?: SpawnOptions
  /** For one that we exit without having stopped. */
  readonly force?: NodeJS.Signals
  /** Asked every `lookEveryMs`; `said` is what it has written since. */
  readonly isReady: (child: ChildProcess, said: () => string) => boolean | Promise<boolean>
  readonly lookEveryMs?: number
  /** How to stop one that takes longer than this. */
  readonly patience?: { readonly ms: number; readonly end: (child: ChildProcess) => Promise<void> }
  /** The reason that it gave, of what it has written. */
  readonly lastWords: (said: string) => string
}

/** Runs a server beside us; resolves when it is ready. Throws MartFault with the reason why it is not. */
export async function launch(wanted: Launch): Promise<ChildProcess> {
  const { name, command, args, logFile, options, force = 'SIGKILL', isReady, lookEveryMs = 50, patience } = wanted
  const log = openSync(logFile, 'a', 0o600)
  const saidBefore = fstatSync(log).size
  // Its own process group: Ctrl-C must not reach it before the services have drained.
  const child = spawn(command, args, { detached: true, ...options, stdio: ['ignore', log, log] })
  closeSync(log)
  endWithUs(child, force)
  endAfterOurKill(child) // PostgreSQL then ends when its last session has, so services that are at it may drain
  let failure: string | undefined
  child.once('error', (error) => {
    failure = error.message
  })
  const said = () => readFileSync(logFile).subarray(saidBefore).toString('utf8')
  const dueAt = performance.now() + (patience?.ms ?? Number.POSITIVE_INFINITY)
  for (; !isGone(child) && !failure; await sleep(lookEveryMs)) {
    if (await isReady(child, said)) return child
    if (performance.now() < dueAt) continue
    await patience?.end(child)
    failure = `it took more than ${(patience?.ms ?? 0) / 1_000} s`
  }
  throw new MartFault(`${name} did not start: ${failure ?? wanted.lastWords(said())} (its log: ${logFile})`)
}
