import type { ChildProcess } from 'node:child_process'
import { join } from 'node:path'
import { keepAlive } from '../keep-alive.ts'
import { launch } from '../launch.ts'
import { boundLogOf } from '../log-files.ts'
import { endInOrder } from '../processes.ts'
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
      const { traces, mail, simulators, shop, ...ports } = plan.ports
      const page = await startFirstPage({
        ...ports,
        ...(seesTraces && { traces }),
        ...(plan.addresses.shop && { shop }),
        ...(plan.addresses.mail && { mail }),
        ...(plan.addresses.simulators && { simulators }),
      })
      up.add({ stage: 'stand-ins', name: 'first page', stop: page.stop })
    },
    () => backends.map(({ program }) => program.name).join(', '),
  )
  return seesTraces ? `http://127.0.0.1:${plan.ports.spans}` : undefined
}

async function bringUp(up: Up, { settings }: Plan, backend: Backend, path: string): Promise<void> {
  const { name } = backend.program
  const logFile = join(settings.dataDir, 'observability', `${name}.log`)
  const start = () =>
    launch({
      name,
      command: path,
      args: backend.args,
      logFile,
      options: { env: { ...process.env, ...backend.environment } },
      isReady: () => answers(backend.readyUrl),
      patience: { ms: START_MS, end },
      lastWords: (said) => said.trimEnd().split('\n').at(-1) ?? '',
    })
  const letGrow = boundLogOf(logFile)
  const running = keepAlive({ name, first: await start(), start, end, report: up.say })
  up.add({ stage: 'stand-ins', name, stop: () => running.stop().finally(letGrow) })
}

const end = (child: ChildProcess): Promise<void> =>
  endInOrder(child, { ask: 'SIGTERM', force: 'SIGKILL', patienceMs: STOP_MS })
