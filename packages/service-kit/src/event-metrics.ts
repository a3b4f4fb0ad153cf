import { answerWithin } from './answer-within.ts'
import { measureDatabase } from './database-metrics.ts'
import type { EventLog } from './event-log.ts'
import { defineInstrument } from './instruments.ts'
import { defineGauges, type Metrics, measure } from './metrics.ts'
import type { Database } from './postgres.ts'
import type { Relay } from './relay.ts'

/** Far more than a mart is well with; what is beyond is not worth the reading. */
const MOST_COUNTED = 100_000
/** Less than a reading may take. */
const LOG_PATIENCE_MS = 1_500

/** From the event's own time, so that the way through the outbox is in it. */
export const eventDelay = defineInstrument({
  name: 'event_delay_seconds',
  help: 'From the moment that an event was published until it was consumed here, committed',
  labels: ['event_type'],
  buckets: [0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30, 60, 300, 1_800],
})

export interface Measured {
  readonly db: Database
  readonly poolSize: number
  readonly log: EventLog
  readonly relay: Pick<Relay, 'failure'>
  readonly group: string
  readonly topics: readonly string[]
}

/** Gauges that look into the database and the log when somebody scrapes. */
export function measureEvents(metrics: Metrics, { db, poolSize, log, relay, group, topics }: Measured): void {
  const events = measure(
    metrics,
    defineGauges({
      shared: true,
      gauges: {
        outbox_messages: { help: 'Events committed here that the log does not have yet, counted up to 100,000' },
        outbox_oldest_seconds: { help: 'Age of the oldest of them' },
        parked_messages: { help: 'Messages that could not be processed and wait for staff' },
        database_connections: { help: 'Connections of this service to its database' },
        database_connections_busy: { help: 'Those of them that run a statement or hold a transaction' },
      },
      read: () => readDatabase(db),
    }),
    { name: 'database_reads_failing', help: '1 while the database does not answer a question' },
  )
  measureDatabase(metrics, db, { after: events })
  measure(metrics, {
    gauges: { database_pool_connections: { help: 'Connections that this process may open: DATABASE_POOL' } },
    read: async () => ({ database_pool_connections: poolSize }),
  })
  measure(metrics, {
    gauges: {
      event_log_failing: { help: '1 while the event log does not answer, or does not take what is in the outbox' },
    },
    read: async () => ({ event_log_failing: relay.failure() !== null || !(await answers(log)) ? 1 : 0 }),
  })
  if (topics.length === 0) return
  measure(metrics, {
    shared: true,
    gauges: { consumer_lag_messages: { help: 'Events in the log that are not consumed yet', label: 'topic' } },
    read: async () => ({ consumer_lag_messages: byTopic(await log.lag(group, topics)) }),
  })
}

const answers = async (log: EventLog): Promise<boolean> =>
  (await answerWithin(
    log.ping().then(() => true),
    LOG_PATIENCE_MS,
  )) ?? false

type Row = Record<
  | 'outbox_messages'
  | 'outbox_oldest_seconds'
  | 'parked_messages'
  | 'database_connections'
  | 'database_connections_busy',
  number
>

/** One question, however many gauges. An outbox may be long while the log is away: its oldest row is its first. */
async function readDatabase(db: Database): Promise<Row> {
  const [row] = await db<Row[]>`
    select
      (select count(*) from (select from outbox limit ${MOST_COUNTED}) waiting) as outbox_messages,
      coalesce((
        select extract(epoch from now() - said_at)::float8 from outbox order by seq limit 1), 0) as outbox_oldest_seconds,
      (select count(*) from (
        select from parked where dropped_at is null limit ${MOST_COUNTED}) waiting) as parked_messages,
      count(*) as database_connections,
      count(*) filter (where state <> 'idle') as database_connections_busy
    from pg_stat_activity where datname = current_database() and usename = current_user`
  return row!
}

function byTopic(lags: readonly { topic: string; lag: number }[]): Record<string, number> {
  const sums: Record<string, number> = {}
  for (const { topic, lag } of lags) sums[topic] = (sums[topic] ?? 0) + lag
  return sums
}
