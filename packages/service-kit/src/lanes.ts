import { setTimeout as sleep } from 'node:timers/promises'
import type { ConsumeOptions, LogRecord } from './event-log.ts'
import type { Logger } from './logger.ts'

/** Of a partition, at most. */
export const RECORDS_PER_BATCH_AND_LANE = 100
const WAITING_RECORDS_IN_LANE = 500
const WAITING_CHARACTERS = 16 * 1024 * 1024
const RETRY_MS = 500

/** Up to where a partition is done. */
export interface Progress {
  readonly topic: string
  readonly partition: number
  readonly next: number
}

export interface Lanes {
  /** Takes records in, those of a partition in their order. */
  readonly add: (records: readonly LogRecord[]) => void
  /** False while as many records of the partition wait as may, and while all lanes together hold too much. */
  readonly hasRoom: (topic: string, partition: number) => boolean
  /** Resolves when no batch of several partitions runs. */
  readonly free: () => Promise<void>
  /** Resolves once everything that was begun has ended. Nothing begins after the signal. */
  readonly settled: () => Promise<void>
}

export interface LaneOptions extends Pick<ConsumeOptions, 'group' | 'onRecords'> {
  /** The partitions were lost, or the member stops. */
  readonly signal: AbortSignal
  readonly onDone: (progress: readonly Progress[]) => void
  /** A partition has room again. */
  readonly onRoom: () => void
  readonly logger: Logger
}

interface Lane {
  readonly topic: string
  readonly partition: number
  waiting: LogRecord[]
  isRunning: boolean
  /** Its last batch failed in company: it goes by itself until one succeeds, so that it holds up nobody. */
  isAlone: boolean
}

/**
 * Hands records on, a lane for each partition: together in one batch as long as that works, and each partition by itself
 * when it does not, so that one that fails waits alone while the others go on.
 */
export function createLanes({ group, onRecords, signal, onDone, onRoom, logger }: LaneOptions): Lanes {
  const lanes = new Map<string, Lane>()
  const running = new Set<Promise<void>>()
  let together: Promise<void> | undefined
  let waitingCharacters = 0

  const dispatch = () => {
    if (signal.aborted) return
    const ready = [...lanes.values()].filter((lane) => !lane.isRunning && lane.waiting.length > 0)
    const inCompany = ready.filter((lane) => !lane.isAlone)
    if (inCompany.length > 0 && !together) {
      together = start(inCompany).finally(() => {
        together = undefined
        dispatch()
      })
    }
    for (const lane of ready) if (lane.isAlone) void start([lane]).finally(dispatch)
  }

  const start = (started: readonly Lane[]): Promise<void> => {
    for (const lane of started) lane.isRunning = true
    const run = handle(started).finally(() => {
      for (const lane of started) lane.isRunning = false
      running.delete(run)
    })
    running.add(run)
    return run
  }

  const handle = async (started: readonly Lane[]): Promise<void> => {
    const batches = started.map((lane) => lane.waiting.slice(0, RECORDS_PER_BATCH_AND_LANE))
    try {
      await onRecords(batches.flat(), signal)
    } catch (error) {
      if (signal.aborted) return
      if (started.length > 1) for (const lane of started) lane.isAlone = true
      else {
        const { topic, partition } = started[0]!
        logger.warn({ err: error, group, topic, partition }, 'a partition waits: its records cannot be heard')
        await sleep(RETRY_MS, undefined, { signal }).catch(() => undefined)
      }
      return
    }
    for (const [index, lane] of started.entries()) {
      const heard = batches[index]!
      lane.waiting = lane.waiting.slice(heard.length)
      lane.isAlone = false
      waitingCharacters -= charactersIn(heard)
    }
    onDone(
      started.map(({ topic, partition }, index) => ({ topic, partition, next: batches[index]!.at(-1)!.offset + 1 })),
    )
    onRoom()
  }

  return {
    add(records) {
      for (const record of records) {
        const name = laneName(record.topic, record.partition)
        let lane = lanes.get(name)
        if (!lane) {
          lane = { topic: record.topic, partition: record.partition, waiting: [], isRunning: false, isAlone: false }
          lanes.set(name, lane)
        }
        lane.waiting.push(record)
      }
      waitingCharacters += charactersIn(records)
      dispatch()
    },
    hasRoom(topic, partition) {
      const waiting = lanes.get(laneName(topic, partition))?.waiting.length ?? 0
      return waiting === 0 || (waiting < WAITING_RECORDS_IN_LANE && waitingCharacters < WAITING_CHARACTERS)
    },
    free: () => together ?? Promise.resolve(),
    async settled() {
      while (running.size > 0) await Promise.all(running)
    },
  }
}

const laneName = (topic: string, partition: number) => `${topic} ${partition}`

const charactersIn = (records: readonly LogRecord[]) =>
  records.reduce((sum, record) => sum + (record.value?.length ?? 0), 0)
