import type { DataOf, EventDefinition, Topic } from '@mart/contracts/events/define-event'
import postgres from 'postgres'
import type { TProperties } from 'typebox'
import type { ConfigOf } from './config.ts'
import { connectEventLog } from './connect-event-log.ts'
import type { EventLog, LogRecord } from './event-log.ts'
import { migrateEventLog } from './event-log-postgres.ts'
import { eventually } from './eventually.ts'
import { newId } from './ids.ts'
import { createLogger } from './logger.ts'
import { toOutboxEvent } from './outbox.ts'
import { type RunningService, type ServiceDefinition, startService } from './start-service.ts'
import { type Answer, type Http, type HttpCall, httpAt } from './testing-http.ts'
import { type Process, startProcess } from './testing-replica.ts'
import { createTestKeys, type TestPerson } from './testing-tokens.ts'

export type { Answer, HttpCall, TestPerson }
export { eventually }

export const quietLogger = createLogger('test', process.env['TEST_LOG_LEVEL'] ?? 'fatal')

/** A new, empty database on the server that `npm test` started, and how to remove it. */
export async function createTestDatabase(): Promise<{ url: string; drop: () => Promise<void> }> {
  const server = process.env['TEST_POSTGRES_URL']
  if (!server)
    throw new Error('TEST_POSTGRES_URL is not set: run the tests by `npm test`, or `npm test -- <path>` for some')
  const name = `test_${newId().replaceAll('-', '')}`
  const run = async (statement: string) => {
    const admin = postgres(server, { max: 1, onnotice: () => {} })
    await admin.unsafe(statement).finally(() => admin.end())
  }
  await run(`create database ${name}`)
  const url = new URL(server)
  url.pathname = `/${name}`
  return { url: url.href, drop: () => run(`drop database if exists ${name} with (force)`) }
}

/** A database with the embedded log in it. */
export async function createTestLog(): Promise<{ url: string; log: EventLog; drop: () => Promise<void> }> {
  const { url, drop } = await createTestDatabase()
  await migrateEventLog(url)
  const log = await connectEventLog(url, { clientName: 'test', logger: quietLogger })
  return {
    url,
    log,
    async drop() {
      await log.close()
      await drop()
    },
  }
}

export interface PublishedInTest<Data> {
  readonly id: string
  readonly key: string
  readonly data: Data
}

/** One more of a service under test, in a process of its own, on the same database, event log and keys. */
export interface Replica extends Process {
  readonly http: Http
}

export interface TestService<Config> {
  readonly service: RunningService<Config>
  readonly http: Http
  /** With the settings of the service, and these instead. It ends with the service, unless before. */
  readonly startReplica: (settings?: Record<string, string>) => Promise<Replica>
  /** A token for calls that shall come at the same moment: `as` signs a new one for each. */
  readonly tokenFor: (person: TestPerson) => Promise<string>
  /** Publishes events as their producer would and waits until the service has consumed them (or parked them). Returns their ids. */
  readonly consume: <Event extends EventDefinition>(event: Event, ...data: DataOf<Event>[]) => Promise<string[]>
  /** Puts raw records on a topic and waits until the service is through with them. */
  readonly consumeRecords: (topic: Topic, records: readonly RawRecord[]) => Promise<void>
  /** What the service has published of this kind so far, once its outbox is empty, in order for each key. */
  readonly published: <Event extends EventDefinition>(event: Event) => Promise<PublishedInTest<DataOf<Event>>[]>
  readonly stop: () => Promise<void>
}

export interface RawRecord {
  readonly key: string
  readonly value: string
  readonly headers: Record<string, string>
}

/** The record that a producer would send for this event. */
export function recordOf<Event extends EventDefinition>(event: Event, data: DataOf<Event>): RawRecord & { id: string } {
  const { id, key, value, headers } = toOutboxEvent(event, data)
  return { id, key, value, headers: JSON.parse(headers) as Record<string, string> }
}

/** A running service on a port of its own, with a private database, a private event log, and keys to sign tokens. */
export async function startTestService<Own extends TProperties>(
  definition: ServiceDefinition<Own>,
  settings: Record<string, string> = {},
): Promise<TestService<ConfigOf<Own>>> {
  const [database, eventLog, keys] = await Promise.all([createTestDatabase(), createTestLog(), createTestKeys()])
  const env = {
    PORT: '0',
    DATABASE_URL: database.url,
    DATABASE_POOL: '4',
    EVENT_LOG_URL: eventLog.url,
    JWKS_URL: keys.url,
    MART_RATE_LIMITS: 'off',
    LOG_LEVEL: process.env['TEST_LOG_LEVEL'] ?? 'fatal',
    ...settings,
  }
  const service = await startService(definition, env)
  const replicas: Replica[] = []
  const topics = [...definition.consumes(service).known.values()].map((event) => event.topic)
  await eventLog.log.prepareTopics([...new Set(topics)].map(({ name }) => ({ name, retentionDays: null })))

  const hearRaw = async (topic: Topic, records: readonly RawRecord[]) => {
    await eventLog.log.append(
      topic.name,
      records.map((record) => ({ ...record, headers: JSON.stringify(record.headers) })),
    )
    await eventually(
      async () => (await lagOf(eventLog.log, definition.name, topic.name)) === 0,
      `${topic.name} is heard`,
    )
  }
  return {
    service,
    tokenFor: keys.tokenFor,
    http: httpAt(service.url, keys.tokenFor),
    async startReplica(more = {}) {
      const process = await startProcess(new URL('../src/main.ts', definition.migrations), { ...env, ...more })
      const replica = { ...process, http: httpAt(process.url, keys.tokenFor) }
      replicas.push(replica)
      return replica
    },
    async consume(event, ...data) {
      const records = data.map((one) => recordOf(event, one))
      await hearRaw(event.topic, records)
      return records.map((record) => record.id)
    },
    consumeRecords: hearRaw,
    async published(event) {
      await eventually(async () => (await service.db`select from outbox limit 1`).length === 0, 'the outbox is empty')
      const records = await recordsOf(eventLog.url, event.topic.name)
      return records
        .filter((record) => record.headers['ce_type'] === event.type)
        .map((record) => ({
          id: record.headers['ce_id']!,
          key: record.key ?? '',
          data: JSON.parse(record.value ?? 'null'),
        }))
    },
    async stop() {
      await Promise.all(replicas.map(({ end }) => end()))
      await service.stop()
      keys.close()
      await eventLog.drop()
      await database.drop()
    },
  }
}

/** Everything that is on a topic of the embedded log. */
export async function recordsOf(url: string, topic: string): Promise<LogRecord[]> {
  const db = postgres(url, { max: 1, onnotice: () => {} })
  try {
    const rows = await db<(Omit<LogRecord, 'headers'> & { headers: string })[]>`
      select topic, partition, "offset"::int, key, value, headers from records where topic = ${topic}
      order by partition, "offset"`
    return rows.map((row) => ({ ...row, headers: JSON.parse(row.headers) as Record<string, string> }))
  } finally {
    await db.end()
  }
}

async function lagOf(log: EventLog, group: string, topic: string): Promise<number> {
  return (await log.lag(group, [topic])).reduce((sum, part) => sum + part.lag, 0)
}
