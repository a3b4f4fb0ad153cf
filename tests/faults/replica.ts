import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { join } from 'node:path'
import type { ServiceName } from '@mart/contracts/services'
import { call } from '@mart/demo/shopper'
import { freePort, portsAt } from '@mart/local/ports'
import { readSecrets } from '@mart/local/secrets'
import { serviceEnvironment } from '@mart/local/service-environment'
import { eventually } from '@mart/service-kit/eventually'
import type { MartUnderTest } from '../journeys/mart-under-test.ts'

const root = join(import.meta.dirname, '../..')
const STARTS_MS = 90_000

export interface Replica {
  readonly url: string
  readonly end: (signal: 'SIGKILL' | 'SIGTERM') => Promise<void>
}

/** One more process of a service of the mart, on a port of its own. Resolves when it is ready. */
export async function startReplica({ mart, settings }: MartUnderTest, name: ServiceName): Promise<Replica> {
  const ports = portsAt(settings.portOffset)
  const environment = serviceEnvironment(name, {
    settings,
    ports,
    secrets: readSecrets(settings.dataDir),
    addresses: mart.addresses,
    databaseUrls: mart.databaseUrls,
    kafkaUrl: mart.eventLogUrl,
    smtpUrl: `smtp://127.0.0.1:${ports.smtp}`,
  })
  const port = await freePort()
  const url = `http://127.0.0.1:${port}`
  const child = spawn(process.execPath, [join(root, `services/${name}/src/main.ts`)], {
    env: { ...environment, PORT: String(port) },
    // The channel tells it when the test is gone.
    stdio: ['ignore', 'ignore', 'inherit', 'ipc'],
  })
  const isReady = async () => (await call(`${url}/health/ready`, 'GET').catch(() => undefined))?.status === 200
  await eventually(isReady, `another ${name} is ready`, STARTS_MS)
  return {
    url,
    async end(signal) {
      if (child.exitCode !== null || child.signalCode !== null) return
      const gone = once(child, 'exit')
      child.kill(signal)
      await gone
    },
  }
}
