import { answerWithin } from './answer-within.ts'
import type { Consumption, EventLog } from './event-log.ts'
import type { App } from './http-server.ts'
import type { Database } from './postgres.ts'
import type { Relay } from './relay.ts'
import type { Writing } from './writing.ts'

const PATIENCE_MS = 2_000

export interface Vitals {
  readonly db: Database
  readonly log: EventLog
  readonly consumption: Consumption | null
  readonly relay: Pick<Relay, 'failure'>
  readonly writing: Pick<Writing, 'failure' | 'note'>
  readonly isStopping: () => boolean
}

/**
 * `/health/live` and `/health/ready`. An event log that is away, or a database that takes no writes, is degraded with the
 * reason, not unready: the outbox waits, and what can be read is answered.
 */
export function addHealthRoutes(app: App, vitals: Vitals): void {
  const schema = { hide: true }
  const config = { rateLimit: false as const }
  app.addHook('onError', async (_, __, error) => vitals.writing.note(error))
  app.get('/health/live', { schema, config }, () => ({ status: 'live' }))
  app.get('/health/ready', { schema, config }, async (_, reply) => {
    const [database, logAnswers] = await Promise.all([answers(vitals.db`select 1`), answers(vitals.log.ping())])
    const consumer = vitals.consumption?.isAlive() ?? true
    const [unsent, unwritten] = [vitals.relay.failure(), vitals.writing.failure()]
    const ready = database && consumer && !vitals.isStopping()
    const event_log = logAnswers && unsent === null
    const writes = unwritten === null
    const reason = [unwritten, logAnswers ? unsent : 'the event log does not answer']
      .filter((one) => one !== null)
      .join('; ')
    const status = ready ? (event_log && writes ? 'ready' : 'degraded') : 'unready'
    const checks = { database, writes, event_log, consumer }
    return reply.code(ready ? 200 : 503).send({ status, checks, ...(reason ? { reason } : {}) })
  })
}

const answers = async (question: PromiseLike<unknown>): Promise<boolean> =>
  (await answerWithin(question, PATIENCE_MS)) !== null
