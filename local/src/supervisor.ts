import { type ChildProcess, spawn } from 'node:child_process'
import { get } from 'node:http'
import { setTimeout as sleep } from 'node:timers/promises'
import { backoffMs } from '@mart/service-kit/backoff'
import { MartFault } from '@mart/service-kit/fault'
import { endInOrder, endWithUs, isRunning } from './processes.ts'
import { openServiceLog, type ServiceLog } from './service-log.ts'

const READY_MS = 60_000
const STOP_MS = 20_000
/** A process that lived this long is not failing in a row. */
const SETTLED_MS = 10_000

/** A process that runs one service or several. */
export interface Supervision {
  readonly name: string
  /** Of the file that the pinned Node runs. */
  readonly script: string
  readonly environment: Readonly<Record<string, string>>
  /** They answer 200 once each service can be used. */
  readonly readyUrls: readonly string[]
  readonly logFile: string
  /** By the name of a service whose lines go to a file of its own. */
  readonly logFiles?: Readonly<Record<string, string>>
  readonly report: (line: string) => void
  readonly stopMs?: number
}

export interface SupervisedProcess {
  readonly pid: number | undefined
  readonly restartCount: number
  /** Resolves when all can be used for the first time; rejects with MartFault when the process ends before, or takes a minute. */
  readonly ready: Promise<void>
  kill(signal: NodeJS.Signals): boolean
  /** SIGTERM, and SIGKILL to what is still there after 20 s. */
  stop(): Promise<void>
}

/** Keeps a process running until it is stopped: one that dies after its first start is started again. */
export function supervise({ name, readyUrls, report, stopMs = STOP_MS, ...how }: Supervision): SupervisedProcess {
  const log = openServiceLog({ name, file: how.logFile, files: how.logFiles }, (service, problem) =>
    report(`${service}: ${problem}`),
  )
  const stopping = new AbortController()
  const firstReady = Promise.withResolvers<void>()
  firstReady.promise.catch(() => undefined) // whoever waits for it is told; nobody has to
  let wasReady = false
  let restartCount = 0
  let run: Run
  const ended = keepRunning()

  async function keepRunning() {
    for (let failures = 0; ; restartCount++) {
      const startedAt = performance.now()
      run = startRun(how, log)
      void becomesReady(run)
      const reason = await run.ended
      if (stopping.signal.aborted) return
      if (!wasReady) return firstReady.reject(new MartFault(`${name} did not start: ${reason}`))
      if (performance.now() - startedAt > SETTLED_MS) failures = 0
      const waitMs = backoffMs(failures++, { firstMs: 200 })
      report(`${name} died (${reason}), starting it again in ${waitMs / 1000} s`)
      await sleep(waitMs, undefined, { signal: stopping.signal }).catch(() => undefined)
      if (stopping.signal.aborted) return
    }
  }

  async function becomesReady({ child }: Run) {
    const dueAt = performance.now() + READY_MS
    while (!stopping.signal.aborted && isRunning(child)) {
      if ((await Promise.all(readyUrls.map(answers))).every(Boolean)) {
        if (wasReady) report(`${name} is up again`)
        wasReady = true
        return firstReady.resolve()
      }
      if (!wasReady && performance.now() > dueAt)
        return firstReady.reject(new MartFault(`${name} was not ready within a minute: see ${how.logFile}`))
      await sleep(50)
    }
  }

  return {
    get pid() {
      return isRunning(run.child) ? run.child.pid : undefined
    },
    get restartCount() {
      return restartCount
    },
    ready: firstReady.promise,
    kill: (signal) => run.child.kill(signal),
    async stop() {
      stopping.abort()
      firstReady.reject(new MartFault(`${name} was stopped`))
      const onForce = () => report(`${name} did not stop in time, ending it`)
      await endInOrder(run.child, { ask: 'SIGTERM', force: 'SIGKILL', patienceMs: stopMs, onForce })
      await ended
      log.close()
    },
  }
}

interface Run {
  readonly child: ChildProcess
  /** Resolves with the reason. */
  readonly ended: Promise<string>
}

type HowToRun = Pick<Supervision, 'script' | 'environment'>

function startRun({ script, environment }: HowToRun, log: ServiceLog): Run {
  // A heap that may grow by less than its half before it is swept takes half the memory under load, and no more time.
  const flags = ['--max-semi-space-size=8', '--heap-growing-percent=40']
  const child = spawn(process.execPath, [...flags, script], {
    env: environment,
    // Its own process group, so that Ctrl-C does not reach it before us; the channel tells it when we are gone.
    detached: true,
    stdio: ['ignore', 'pipe', 'pipe', 'ipc'],
  })
  endWithUs(child, 'SIGKILL')
  const { lastWords } = log.listen(child)
  let fault: Error | undefined
  child.once('error', (error) => {
    fault = error
  })
  const ended = new Promise<string>((resolve) => {
    child.once('close', (code, signal) => resolve(signal ?? fault?.message ?? lastWords() ?? `exit code ${code}`))
  })
  return { child, ended }
}

/** By Node's own client, since `fetch` would cost this process 10 MB for nothing else. */
export function answers(url: string): Promise<boolean> {
  return new Promise((resolve) => {
    const request = get(url, { agent: false, timeout: 2_000 }, (answer) => {
      answer.resume()
      resolve(answer.statusCode === 200)
    })
    request.on('timeout', () => request.destroy())
    request.on('error', () => resolve(false))
  })
}
