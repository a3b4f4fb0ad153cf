import { setTimeout as sleep } from 'node:timers/promises'
import { v5 } from 'uuid'
import { backoffMs } from './backoff.ts'
import type { LogRecord } from './event-log.ts'
import { contextOfAll, type Followed, follow, idsOfFailed, noteConsumed, recordDelays } from './followed-events.ts'
import { type Consumable, type HandlerTable, inGroups, type Reading, readRecord } from './handlers.ts'
import { type Logger, logContext } from './logger.ts'
import { blockedName, lockBlockedKeys, park, parkingKey, type ToPark } from './parked.ts'
import {
  type Database,
  inTransaction,
  isFaultOfRows,
  isPassingFault,
  onceCommitted,
  pipelined,
  type Transaction,
} from './postgres.ts'
import { failSpan, idsOnly, type SpanStarter } from './tracing.ts'

/** How long several records run into locked rows together, before each goes by itself. */
const PATIENCE_TOGETHER_MS = 2_000
/** Who waits for a row again and again must not hold one of the few connections each time for as long as the first. */
const LOCK_WAIT_OF_RETRIES_MS = 1_000
const WAITS_BEFORE_PARKING_MS = [100, 400, 1_500, 4_000]
const RECORD_IDS = 'a3cf9a0c-6a5e-4b12-9d0a-0e2f7b5c1d44'

type Readable = Exclude<Reading, { kind: 'passed' }>

export interface ConsumerContext {
  readonly db: Database
  readonly table: HandlerTable
  readonly logger: Logger
  /** Begins a span for each event. */
  readonly tracer?: SpanStarter
  /** The pauses between the tries of a message that fails alone; after the last one it is parked. */
  readonly waitsBeforeParkingMs?: readonly number[]
}

/**
 * Hears a batch of records exactly once each, together in one transaction. When that fails for a reason of their own, or
 * rows stay locked, those of several partitions are refused (the log brings each partition's again, alone), and those of
 * one partition are heard one by one: what keeps failing alone is parked, what waits for a row waits, and with it what
 * comes behind it in its partition. A database that is away is waited out together.
 * Throws for several partitions as said, and when `signal` says that nobody waits for the batch any more.
 */
export async function consumeRecords(
  context: ConsumerContext,
  records: readonly LogRecord[],
  signal: AbortSignal,
): Promise<void> {
  const readings = records
    .map((record) => readRecord(context.table, record))
    .filter((reading): reading is Readable => reading.kind !== 'passed')
  if (readings.length === 0) return
  try {
    await untilNoPassingFault(context, signal, readings)
  } catch (error) {
    signal.throwIfAborted()
    context.logger.warn(
      { err: error, records: readings.length },
      'a batch failed, its events are consumed in smaller ones',
    )
    if (new Set(readings.map(({ record }) => `${record.topic} ${record.partition}`)).size > 1) throw error
    for (const reading of readings) await consumeAlone(context, reading, signal)
  }
}

async function consumeAlone(context: ConsumerContext, reading: Readable, signal: AbortSignal): Promise<void> {
  for (const waitMs of [...(context.waitsBeforeParkingMs ?? WAITS_BEFORE_PARKING_MS), null]) {
    try {
      return await untilNoPassingFault(context, signal, [reading])
    } catch (error) {
      signal.throwIfAborted()
      const message = error instanceof Error ? `${error.name}: ${error.message}` : String(error)
      const event = reading.kind === 'consumable' ? reading.event : undefined
      const ids = event && idsOfFailed(event)
      if (waitMs === null) {
        context.logger.error({ err: error, ...ids }, `parked ${event?.type}: it keeps failing`)
        const failed: Readable = { kind: 'faulty', record: reading.record, error: message, ...(event ? { event } : {}) }
        return await untilNoPassingFault(context, signal, [failed])
      }
      context.logger.warn({ err: error, ...ids, retry_in_ms: waitMs }, `${event?.type} failed, it is tried again`)
      await sleep(waitMs, undefined, { signal })
    }
  }
}

/** Throws what is no passing fault, and, for more than one reading, a fault of rows that does not pass soon. */
async function untilNoPassingFault(
  context: ConsumerContext,
  signal: AbortSignal,
  readings: readonly Readable[],
): Promise<void> {
  const since = Date.now()
  let lockWaitMs: number | undefined
  for (let failures = 0; ; failures++) {
    signal.throwIfAborted()
    try {
      return await consumeTogether(context, readings, lockWaitMs)
    } catch (error) {
      if (!isPassingFault(error)) throw error
      if (isFaultOfRows(error)) {
        if (readings.length > 1 && Date.now() - since > PATIENCE_TOGETHER_MS) throw error
        lockWaitMs = LOCK_WAIT_OF_RETRIES_MS
      }
      const waitMs = backoffMs(failures, { firstMs: 50 })
      context.logger.warn({ err: error, retry_in_ms: waitMs }, 'events wait: the database does not answer as it should')
      await sleep(waitMs, undefined, { signal })
    }
  }
}

async function consumeTogether(
  { db, logger, tracer = idsOnly }: ConsumerContext,
  readings: readonly Readable[],
  lockWaitMs?: number,
): Promise<void> {
  const folded = firstOfEach(readings)
  const followed: Followed[] = []
  try {
    await inTransaction(db, async (tx) => {
      if (lockWaitMs) await tx`select set_config('lock_timeout', ${String(lockWaitMs)}, true)`
      const [fresh, blocked] = await pipelined(
        () => firstTimers(tx, folded),
        () => lockBlockedKeys(tx, keysOf(folded)),
      )
      const consumed: Consumable[] = []
      const toPark: ToPark[] = []
      for (const reading of folded) {
        if (!fresh.has(inboxName(reading))) continue
        const parking = whyParked(reading, blocked)
        if (parking) toPark.push(parking)
        else if (reading.kind === 'consumable') consumed.push(reading)
        if (parking?.blocksKey) blocked.add(keyName(reading))
      }
      if (toPark.length > 0) await park(tx, toPark)
      for (const { handler, events } of inGroups(consumed)) {
        const these = events.map((event) => follow(event, tracer, events.length))
        followed.push(...these)
        await logContext.run(contextOfAll(these), () => handler.handle(tx, events))
      }
      onceCommitted(tx, () => recordDelays(db, consumed))
    })
  } catch (error) {
    for (const { span } of followed) {
      failSpan(span, error)
      span.span.end()
    }
    throw error
  }
  // Once committed: what was rolled back was not consumed.
  for (const one of followed) noteConsumed(one, logger)
}

/** An id that comes again says nothing new, also when it comes with other data. */
function firstOfEach(readings: readonly Readable[]): Readable[] {
  const byName = new Map<string, Readable>()
  for (const reading of readings) if (!byName.has(inboxName(reading))) byName.set(inboxName(reading), reading)
  return [...byName.values()]
}

function whyParked(reading: Readable, blocked: ReadonlySet<string>): ToPark | null {
  const { record } = reading
  const event = reading.kind === 'consumable' || reading.event ? reading.event : undefined
  if (event && blocked.has(keyName(reading)))
    return { record, eventId: event.id, blocksKey: true, error: 'an older message of its key is parked' }
  if (reading.kind === 'faulty')
    return { record, eventId: event?.id, blocksKey: event !== undefined, error: reading.error }
  return null
}

/** The inbox names of what was not heard before. Sorted, or two members that overlap for a moment deadlock. */
async function firstTimers(tx: Transaction, readings: readonly Readable[]): Promise<Set<string>> {
  const rows = readings
    .map((reading) => ({ topic: reading.record.topic, id: inboxId(reading) }))
    .sort((a, b) => (a.topic + a.id < b.topic + b.id ? -1 : 1))
  const inserted = await tx<{ topic: string; event_id: string }[]>`
    insert into inbox (topic, event_id)
    select * from unnest(${rows.map((row) => row.topic)}::text[], ${rows.map((row) => row.id)}::uuid[])
    on conflict do nothing returning topic, event_id`
  return new Set(inserted.map((row) => `${row.topic} ${row.event_id}`))
}

const inboxName = (reading: Readable) => `${reading.record.topic} ${inboxId(reading)}`

/** The event's id; for what has no usable one, an id made of its place in the log, so that it is parked once. */
function inboxId(reading: Readable): string {
  if (reading.kind === 'consumable' || reading.event) return reading.event!.id
  const { topic, partition, offset } = reading.record
  return v5(`${topic}/${partition}/${offset}`, RECORD_IDS)
}

const keyName = ({ record }: Readable) => blockedName({ topic: record.topic, key: parkingKey(record) })

const keysOf = (readings: readonly Readable[]) =>
  readings.map(({ record }) => ({ topic: record.topic, key: parkingKey(record) }))
