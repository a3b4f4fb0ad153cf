import { type EventLog, type Lag, type OutgoingRecord, PARTITIONS } from './event-log.ts'
import { consume } from './event-log-postgres-reader.ts'
import type { Logger } from './logger.ts'
import { migrate } from './migrate.ts'
import { connectDatabase, type Database } from './postgres.ts'

const CHANNEL = 'event_log'

export interface LogMember {
  readonly role: string
  /** The only group that it may read as. */
  readonly group: string
  /** The topics that it alone makes and says something on. */
  readonly produces: readonly string[]
  /** The topics that it may read; what it has not read yet is kept. */
  readonly consumes: readonly string[]
}

/**
 * Makes the embedded log's tables in a database of its own. `ownerUrl` connects as the role that owns it, which may do
 * anything there; every other role may do what `members` says, which replaces what was said before.
 */
export async function migrateEventLog(ownerUrl: string, members?: readonly LogMember[]): Promise<void> {
  const db = connectDatabase(ownerUrl, { max: 1, applicationName: 'event-log' })
  try {
    await migrate(db, 'event-log', new URL('../migrations/event-log/', import.meta.url))
    if (!members) return
    const list = (names: readonly string[]) => `{${names.map((name) => JSON.stringify(name)).join()}}`
    await db`select set_members(
      ${members.map(({ role }) => role)}::text[], ${members.map(({ group }) => group)}::text[],
      ${members.map(({ produces }) => list(produces))}::text[], ${members.map(({ consumes }) => list(consumes))}::text[])`
  } finally {
    await db.end({ timeout: 5 })
  }
}

/** The embedded engine, for one machine: topics, partitions, offsets and groups as tables of one PostgreSQL database. */
export function postgresEventLog(
  url: string,
  { clientName, logger }: { clientName: string; logger: Logger },
): EventLog {
  const db = connectDatabase(url, { max: 2, applicationName: `${clientName} event log` })
  const listeners = new Set<(topic: string) => void>()
  let isListening = false
  const closing = new AbortController()

  const listen = async () => {
    if (isListening) return
    isListening = true
    try {
      // Notifications sent while the connection was down are lost, so a reconnection wakes everybody; so does the poll.
      await db.listen(CHANNEL, notifyListeners, () => notifyListeners(''))
    } catch (error) {
      isListening = false
      logger.warn({ err: error }, 'cannot listen to the event log, polling')
    }
  }
  const notifyListeners = (topic: string) => {
    for (const listener of listeners) listener(topic)
  }

  return {
    engine: 'postgres',
    async prepareTopics(topics) {
      for (const { name, retentionDays } of topics) {
        const keepFor = retentionDays === null ? null : `${retentionDays} days`
        await db`select create_topic(${name}, ${PARTITIONS}, ${keepFor}::interval)`
      }
    },
    append: (topic, records) => append(db, topic, records),
    consume(options) {
      void listen()
      return consume({ db, options, listeners, logger, closing: closing.signal })
    },
    lag: (group, topics) => lag(db, group, topics),
    async seek(group, topic, offset) {
      const partitions = Array.from({ length: PARTITIONS }, (_, partition) => partition)
      await db`select set_offsets(${group}, ${topic}, ${partitions}::int[], ${partitions.map(() => offset)}::bigint[])`
    },
    async ping() {
      await db`select 1`
    },
    async dropExpired(topic) {
      const [row] = await db<{ dropped: number }[]>`select drop_expired(${topic}, 10000) as dropped`
      return row?.dropped ?? 0
    },
    async close() {
      closing.abort()
      await db.end({ timeout: 5 })
    },
  }
}

async function append(db: Database, topic: string, records: readonly OutgoingRecord[]): Promise<void> {
  const keys = records.map((record) => record.key)
  const values = records.map((record) => record.value)
  const headers = records.map((record) => record.headers)
  await db`select append_records(${topic}, ${keys}::text[], ${values}::text[], ${headers}::text[])`
  // Apart from the append: commits that notify stand in one queue for the whole server, with their fsync if they wrote.
  db`select pg_notify(${CHANNEL}, ${topic})`.catch(() => undefined)
}

async function lag(db: Database, group: string, topics: readonly string[]): Promise<Lag[]> {
  return await db<Lag[]>`
    select p.topic, p.partition, p.next_offset - coalesce(o.next_offset, 0) as lag
    from partitions p
    left join group_offsets o on o.group_name = ${group} and o.topic = p.topic and o.partition = p.partition
    where p.topic = any(${topics as string[]}::text[])`
}
