import type { Consumption, EventLog } from './event-log.ts'
import type { App } from './http-server.ts'
import type { Database } from './postgres.ts'

const PATIENCE_MS = 2_000

export interface Vitals {
  readonly db: Database
  readonly log: EventLog
  readonly consumption: Consumption | null
  readonly isStopping: () => boolean
}

/** `/health/live` and `/health/ready`. An event log that is away is degraded, not unready: the outbox waits. */
export function addHealthRoutes(app: App, vitals: Vitals): void {
  const schema = { hide: true }
  const config = { rateLimit: false as const }
  app.get('/health/live', { schema, config }, () => ({ status: 'live' }))
  app.get('/health/ready', { schema, config }, async (_, reply) => {
    const [database, eventLog] = await Promise.all([answers(vitals.db`select 1`), answers(vitals.log.ping())])
    const consumer = vitals.consumption?.isAlive() ?? true
    const ready = database && consumer && !vitals.isStopping()
    const status = ready ? (eventLog ? 'ready' : 'degraded') : 'unready'
    return reply.code(ready ? 200 : 503).send({ status, checks: { database, event_log: eventLog, consumer } })
  })
}

function answers(question: PromiseLike<unknown>): Promise<boolean> {
  return new Promise((resolve) => {
    const timer = setTimeout(() => resolve(false), PATIENCE_MS)
    const tell = (good: boolean) => {
      clearTimeout(timer)
      resolve(good)
    }
    question.then(
      () => tell(true),
      () => tell(false),
    )
  })
}
