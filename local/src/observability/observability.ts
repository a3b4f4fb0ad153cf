import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { closeSync, openSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { MartFault } from '@mart/service-kit/fault'
import { keepAlive } from '../keep-alive.ts'
import { boundLogOf } from '../log-files.ts'
import { endAfterOurKill, endWithUs } from '../processes.ts'
import type { Plan } from '../service-environment.ts'
import type { Up } from '../steps.ts'
import { answers } from '../supervisor.ts'
import { type Backend, jaeger, jaegerBackend, planBackends } from './backends.ts'
import { startFirstPage } from './first-page.ts'
import { findProgram, programAt } from './programs.ts'

const START_MS = 30_000
const STOP_MS = 15_000

/**
 * Brings up what keeps the mart's logs and metrics and mails its alerts, and the page that leads there. Programs that are
 * missing are built first. A backend that dies is started again; the services know none of them. Resolves with where they
 * may send spans, if a Jaeger is there. Throws MartFault for what a person can put right.
 */
export async function bringUpObservability(up: Up, plan: Plan, smtpUrl: string): Promise<string | undefined> {
  const seesTraces = (await findProgram(jaeger)) !== undefined
  const backends = [...planBackends(plan, smtpUrl), ...(seesTraces ? [jaegerBackend(plan)] : [])]
  await up.step(
    'observability',
    async () => {
      const paths: string[] = []
      // One after the other: each build takes all cores.
      for (const { program } of backends) paths.push(await programAt(program, up.say))
      await Promise.all(backends.map((backend, index) => bringUp(up, plan, backend, paths[index]!)))
      const { traces, ...ports } = plan.ports
      const page = await startFirstPage({ ...ports, ...(seesTraces && { traces }) })
      up.add({ stage: 'stand-ins', name: 'first page', stop: page.stop })
    },
    () => backends.map(({ program }) => program.name).join(', '),
  )
  return seesTraces ? `http://127.0.0.1:${plan.ports.spans}` : undefined
}

async function bringUp(up: Up, { settings }: Plan, backend: Backend, path: string): Promise<void> {
  const { name } = backend.program
  const logFile = join(settings.dataDir, 'observability', `${name}.log`)
  const start = () => launch(backend, path, logFile)
  const letGrow = boundLogOf(logFile)
  const running = keepAlive({ name, first: await start(), start, end, report: up.say })
  up.add({ stage: 'stand-ins', name, stop: () => running.stop().finally(letGrow) })
}

async function launch(
  { program, args, environment, readyUrl }: Backend,
  path: string,
  logFile: string,
): Promise<ChildProcess> {
  const log = openSync(logFile, 'a', 0o600)
  // Its own process group, so that Ctrl-C does not reach it before us.
  const child = spawn(path, args, {
    detached: true,
    stdio: ['ignore', log, log],
    env: { ...process.env, ...environment },
  })
  closeSync(log)
  endWithUs(child, 'SIGKILL')
  endAfterOurKill(child)
  let failure: string | undefined
  child.once('error', (error) => {
    failure = error.message
  })
  for (const dueAt = performance.now() + START_MS; !isGone(child) && !failure; await sleep(50)) {
    if (await answers(readyUrl)) return child
    if (performance.now() < dueAt) continue
    await end(child)
    failure = 'it took more than half a minute'
  }
  const said = () => readFileSync(logFile, 'utf8').trimEnd().split('\n').at(-1)
  throw new MartFault(`${program.name} did not start: ${failure ?? said()} (its log: ${logFile})`)
}

async function end(child: ChildProcess): Promise<void> {
  if (isGone(child)) return
  const exited = once(child, 'exit')
  child.kill('SIGTERM')
  await Promise.race([exited, sleep(STOP_MS, undefined, { ref: false })])
  if (!isGone(child)) child.kill('SIGKILL')
  await exited
}

const isGone = (child: ChildProcess) => child.exitCode !== null || child.signalCode !== null
