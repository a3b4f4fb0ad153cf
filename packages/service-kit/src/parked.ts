import { conflict, notFound, Refusal } from './errors.ts'
import { asHeaders, type LogRecord, readHeaders } from './event-log.ts'
import { type Consumable, type HandlerTable, readRecord } from './handlers.ts'
import { newId } from './ids.ts'
import { type Database, inTransaction, isPassingFault, type Queryable, type Transaction } from './postgres.ts'

export interface ToPark {
  readonly record: LogRecord
  readonly error: string
  readonly eventId?: string | undefined
  /** Later events of its key are parked behind it. */
  readonly blocksKey: boolean
}

/**
 * The keys among these that parked messages block, locked until the transaction ends: whoever parks behind a key,
 * replays or drops takes this lock, so none of them misses the other.
 */
export async function lockBlockedKeys(
  tx: Transaction,
  keys: readonly { topic: string; key: string }[],
): Promise<Set<string>> {
  const rows = await tx<{ topic: string; key: string }[]>`
    select topic, key from blocked_keys
    where (topic, key) in (select * from unnest(
      ${keys.map((one) => one.topic)}::text[], ${keys.map((one) => one.key)}::text[]))
    order by topic, key for update`
  return new Set(rows.map(blockedName))
}

export const blockedName = ({ topic, key }: { topic: string; key: string }): string => `${topic} ${key}`

/**
 * The key that a record is parked and blocked under. Cut short and without NUL, which no index takes: a message that
 * could not be parked would stop everything behind it.
 */
export const parkingKey = ({ key }: LogRecord): string =>
  withoutNul(key ?? '')
    .slice(0, 200)
    .toWellFormed()

/** Writes messages aside, together with their inbox rows, in the transaction of the batch that they came in. */
export async function park(tx: Transaction, messages: readonly ToPark[]): Promise<void> {
  for (const { record, error, eventId, blocksKey } of messages) {
    const headers = asHeaders(record.headers)
    if (blocksKey) {
      await tx`
        insert into blocked_keys (topic, key) values (${record.topic}, ${parkingKey(record)})
        on conflict (topic, key) do update set since = blocked_keys.since`
    }
    await tx`
      insert into parked (id, topic, partition, record_offset, key, event_id, event_type, value, headers, error, blocks_key)
      values (${newId()}, ${record.topic}, ${record.partition}, ${record.offset}, ${parkingKey(record)}, ${eventId ?? null},
        ${withoutNul(headers['ce_type'] ?? null)}, ${withoutNul(record.value)}, ${withoutNul(JSON.stringify(headers))},
        ${withoutNul(error.slice(0, 2_000))}, ${blocksKey})`
  }
}

// PostgreSQL's text takes no NUL character; a message that has one must be parkable all the same.
const withoutNul = <Text extends string | null>(text: Text) => (text?.replaceAll('\u0000', '\ufffd') ?? null) as Text

interface ParkedRow {
  readonly id: string
  readonly topic: string
  readonly partition: number
  readonly record_offset: number
  readonly key: string
  readonly event_id: string | null
  readonly event_type: string | null
  readonly value: string | null
  readonly headers: string
  readonly error: string
  readonly blocks_key: boolean
  readonly parked_at: Date
}

export interface ParkedMessage {
  readonly id: string
  readonly topic: string
  readonly key: string
  readonly event: { readonly id: string | null; readonly type: string | null; readonly data: string | null }
  readonly error: string
  readonly since: string
  /** How many messages of its key wait behind it. */
  readonly blocked_behind_it: number
}

/** Parked messages, oldest first, from the one after `afterSeq`. */
export async function listParked(
  db: Queryable,
  page: { limit: number; afterSeq: number },
): Promise<(ParkedMessage & { seq: number })[]> {
  const rows = await db<(ParkedRow & { seq: number; behind: number })[]>`
    select p.*, (select count(*) from parked b
      where p.blocks_key and b.blocks_key and b.topic = p.topic and b.key = p.key and b.seq > p.seq and b.dropped_at is null) as behind
    from parked p where p.dropped_at is null and p.seq > ${page.afterSeq} order by p.seq limit ${page.limit}`
  return rows.map((row) => ({
    seq: row.seq,
    id: row.id,
    topic: row.topic,
    key: row.key,
    event: { id: row.event_id, type: row.event_type, data: row.value },
    error: row.error,
    since: row.parked_at.toISOString(),
    blocked_behind_it: row.behind,
  }))
}

export async function countParked(db: Queryable): Promise<number> {
  const [row] = await db<{ count: number }[]>`select count(*) from parked where dropped_at is null`
  return row?.count ?? 0
}

/**
 * Handles a parked message again, and with it all of its key, oldest first, each in a transaction of its own that also
 * takes it out of the parked ones. The inbox is not asked. Throws a Refusal (409) when one still fails; those before it
 * are done.
 */
export async function replayParked(db: Database, table: HandlerTable, id: string): Promise<{ replayed: number }> {
  const [asked] = await db<ParkedRow[]>`select * from parked where id = ${id} and dropped_at is null`
  if (!asked) throw notFound('parked message')
  let replayed = 0
  while (await replayOne(db, table, asked)) replayed += 1
  return { replayed }
}

async function replayOne(db: Database, table: HandlerTable, asked: ParkedRow): Promise<boolean> {
  return await inTransaction(db, async (tx) => {
    const blocked = await lockBlockedKeys(tx, [asked])
    const [row] = await tx<ParkedRow[]>`
      select * from parked where dropped_at is null and (id = ${asked.id} or
        (${asked.blocks_key} and blocks_key and topic = ${asked.topic} and key = ${asked.key}))
      order by seq limit 1 for update`
    if (!row) {
      if (asked.blocks_key) await unblock(tx, asked)
      return false
    }
    if (!row.blocks_key && blocked.size > 0) {
      throw conflict('key_is_blocked', 'An older message of the same key is parked: replay that one first.')
    }
    const heard = stillConsumed(table, row)
    if (heard) await heard.handler.handle(tx, [heard.event]).catch((error: unknown) => stillFails(error, row))
    await tx`delete from parked where id = ${row.id}`
    return true
  })
}

function stillConsumed(table: HandlerTable, row: ParkedRow): Consumable | null {
  const reading = readRecord(table, {
    topic: row.topic,
    partition: row.partition,
    offset: row.record_offset,
    key: row.key,
    value: row.value,
    headers: readHeaders(row.headers),
  })
  if (reading.kind === 'faulty') throw stillFaulty(row, reading.error)
  return reading.kind === 'consumable' ? reading : null
}

function stillFails(error: unknown, row: ParkedRow): never {
  if (isPassingFault(error)) throw error
  throw stillFaulty(row, error instanceof Error ? error.message : String(error))
}

const stillFaulty = (row: ParkedRow, error: string) =>
  conflict('replay_failed', `${row.event_type ?? 'The message'} (${row.id}) still fails: ${error}`)

/** Gives a parked message up, with a note that stays; what waited behind it is handled then, as far as it goes. */
export async function dropParked(
  db: Database,
  table: HandlerTable,
  { id, by, note }: { id: string; by: string; note: string },
): Promise<void> {
  const next = await inTransaction(db, async (tx) => {
    const [asked] = await tx<ParkedRow[]>`select * from parked where id = ${id} and dropped_at is null`
    if (!asked) throw notFound('parked message')
    await lockBlockedKeys(tx, [asked])
    await tx`update parked set dropped_at = now(), dropped_by = ${by}, note = ${note} where id = ${id}`
    if (!asked.blocks_key) return null
    const [head] = await tx<{ id: string }[]>`
      select id from parked where dropped_at is null and blocks_key and topic = ${asked.topic} and key = ${asked.key}
      order by seq limit 1`
    if (!head) await unblock(tx, asked)
    return head ?? null
  })
  if (next) await replayParked(db, table, next.id).catch(stillParked)
}

/** What was asked for is done: that the next one fails too is to be seen where it stays, among the parked messages. */
function stillParked(error: unknown): void {
  if (!(error instanceof Refusal)) throw error
}

async function unblock(tx: Transaction, { topic, key }: { topic: string; key: string }): Promise<void> {
  await tx`delete from blocked_keys where topic = ${topic} and key = ${key}`
}
