// The relay of a service in a process of its own, so that what it costs can be told from what the bench does.
import { once } from 'node:events'
import { setTimeout as sleep } from 'node:timers/promises'
import { connectEventLog } from '@mart/service-kit/connect-event-log'
import { createLogger } from '@mart/service-kit/logger'
import { connectDatabase } from '@mart/service-kit/postgres'
import { startRelay } from '@mart/service-kit/relay'

/** What emptying the outbox took. */
export interface RelayRun {
  readonly seconds: number
  /** Of this process. */
  readonly cpuSeconds: number
}

const [databaseUrl = '', eventLogUrl = '', topic = ''] = process.argv.slice(2)
const logger = createLogger('bench', 'warn')
const db = connectDatabase(databaseUrl, { max: 4, applicationName: 'bench' })
const log = await connectEventLog(eventLogUrl, { clientName: 'bench', logger })
await log.prepareTopics([{ name: topic, retentionDays: null }])
process.once('disconnect', () => process.exit(0))

process.send?.('ready')
for (;;) {
  await once(process, 'message')
  const cpuBefore = process.cpuUsage()
  const startedAt = performance.now()
  const relay = startRelay(db, log, logger)
  while ((await db`select from outbox limit 1`).length > 0) await sleep(50)
  const seconds = (performance.now() - startedAt) / 1_000
  const { user, system } = process.cpuUsage(cpuBefore)
  await relay.stop()
  const run: RelayRun = { seconds, cpuSeconds: (user + system) / 1_000_000 }
  process.send?.(run)
}
