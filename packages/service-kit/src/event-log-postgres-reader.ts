import { setTimeout as sleep } from 'node:timers/promises'
import { startCommitter } from './commits.ts'
import { type ConsumeOptions, type Consumption, type LogRecord, PARTITIONS, readHeaders } from './event-log.ts'
import { newId } from './ids.ts'
import { createLanes, type Progress } from './lanes.ts'
import type { Logger } from './logger.ts'
import type { Database } from './postgres.ts'
import { createWakeUp, type WakeUp } from './wake-up.ts'

const LEASE = '5 seconds'
const LEASE_RENEWAL_MS = 1_500
const POLL_MS = 1_000
const RECORDS_PER_PARTITION = 100

interface Position {
  readonly topic: string
  readonly partition: number
  next: number
}

interface Reader {
  readonly db: Database
  readonly options: ConsumeOptions
  readonly listeners: Set<(topic: string) => void>
  readonly logger: Logger
  readonly closing: AbortSignal
}

/** A member of a group of the embedded log: holds all of the group's partitions under a lease, or waits for its turn. */
export function consume({ db, options, listeners, logger, closing }: Reader): Consumption {
  const member = newId()
  const asked = new AbortController()
  const stopping = AbortSignal.any([asked.signal, closing])
  const wakeUp = createWakeUp()
  const listener = (topic: string) => {
    if (topic === '' || options.topics.includes(topic)) wakeUp.wake()
  }
  listeners.add(listener)
  let alive = true

  const run = async () => {
    while (!stopping.aborted) {
      try {
        const generation = await holdGroup(db, options.group, member)
        if (generation === null) await wakeUp.wait(POLL_MS)
        else await readWhileHeld({ db, options, logger, generation, wakeUp, stopping })
      } catch (error) {
        if (stopping.aborted) break
        logger.warn({ err: error, group: options.group }, 'reading the event log failed, trying again')
        await sleep(500)
      }
    }
    await db`select leave_group(${options.group}, ${member})`.catch(() => undefined)
  }
  const ended = run().finally(() => {
    alive = false
    listeners.delete(listener)
  })

  return {
    isAlive: () => alive,
    async stop() {
      asked.abort()
      wakeUp.wake()
      await ended
    },
  }
}

async function holdGroup(db: Database, group: string, member: string): Promise<number | null> {
  const [row] = await db<{ generation: number | null }[]>`
    select hold_group(${group}, ${member}, ${LEASE}::interval) as generation`
  return row?.generation ?? null
}

interface Held {
  readonly db: Database
  readonly options: ConsumeOptions
  readonly logger: Logger
  readonly generation: number
  readonly wakeUp: WakeUp
  readonly stopping: AbortSignal
}

/** Reads, hands on and commits until the group is lost, or the member stops. */
async function readWhileHeld(held: Held): Promise<void> {
  const { db, options, logger, wakeUp, stopping } = held
  const positionCount = options.topics.length * PARTITIONS
  let positions: Position[] = []
  const lost = new AbortController()
  const keepHold = async (progress: readonly Progress[]) => {
    if (!(await commit(held, progress))) lost.abort()
  }
  const renewal = setInterval(() => keepHold([]).catch(() => undefined), LEASE_RENEWAL_MS).unref()
  const commits = startCommitter({ group: options.group, commit: keepHold, signal: lost.signal, logger })
  const signal = AbortSignal.any([lost.signal, stopping])
  const lanes = createLanes({ ...options, signal, onDone: commits.add, onRoom: wakeUp.wake, logger })
  try {
    while (!signal.aborted) {
      const waited = wakeUp.wait(POLL_MS)
      // A speaker that starts after us makes its topic later.
      if (positions.length < positionCount) positions = await startPositions(held)
      const records = await read(
        db,
        positions.filter(({ topic, partition }) => lanes.hasRoom(topic, partition)),
      )
      if (records.length === 0) {
        await waited
        continue
      }
      wakeUp.wake()
      advance(positions, records)
      lanes.add(records)
      await lanes.free()
    }
  } finally {
    clearInterval(renewal)
    await lanes.settled()
    await commits.flushed()
  }
}

async function startPositions({ db, options, generation }: Held): Promise<Position[]> {
  const rows = await db<Position[]>`
    select topic, partition, next from start_positions(${options.group}, ${generation}, ${options.topics as string[]}::text[])`
  return rows.map((row) => ({ ...row }))
}

async function read(db: Database, positions: readonly Position[]): Promise<LogRecord[]> {
  const rows = await db<(Omit<LogRecord, 'headers'> & { headers: string })[]>`
    select topic, partition, "offset", key, value, headers from read_records(
      ${positions.map((at) => at.topic)}::text[],
      ${positions.map((at) => at.partition)}::int[],
      ${positions.map((at) => at.next)}::bigint[], ${RECORDS_PER_PARTITION})`
  return rows.map((row) => ({ ...row, headers: readHeaders(row.headers) }))
}

function advance(positions: readonly Position[], records: readonly LogRecord[]): void {
  const byName = new Map(positions.map((at) => [`${at.topic} ${at.partition}`, at]))
  for (const record of records) {
    const at = byName.get(`${record.topic} ${record.partition}`)!
    at.next = Math.max(at.next, record.offset + 1)
  }
}

async function commit({ db, options, generation }: Held, moved: readonly Progress[]): Promise<boolean> {
  const [row] = await db<{ kept: boolean }[]>`
    select commit_offsets(${options.group}, ${generation}, ${LEASE}::interval,
      ${moved.map((at) => at.topic)}::text[], ${moved.map((at) => at.partition)}::int[],
      ${moved.map((at) => at.next)}::bigint[]) as kept`
  return row?.kept ?? false
}
