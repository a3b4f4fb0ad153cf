import { setTimeout as sleep } from 'node:timers/promises'
import { type Consumer, type GroupAssignment, ListOffsetTimestamps } from '@platformatic/kafka'
import { backoffMs } from './backoff.ts'
import type { LogRecord } from './event-log.ts'
import type { Logger } from './logger.ts'

const BYTES_PER_FETCH = 8 * 1024 * 1024
const BYTES_PER_PARTITION = 1024 * 1024
const CONTROL_BATCH = 0x20

type FetchedTopic = Awaited<ReturnType<Consumer['fetch']>>['responses'][number]
type FetchedPartition = FetchedTopic['partitions'][number]

/** The next record to fetch of a partition. */
export interface Position {
  readonly topic: string
  readonly partition: number
  readonly wasCommitted: boolean
  next: bigint
}

/** Where the group stopped, or the earliest that is kept. */
export async function startPositions({
  member,
  fetcher,
  assigned,
}: {
  member: Consumer
  fetcher: Consumer
  assigned: readonly GroupAssignment[]
}): Promise<Position[]> {
  if (assigned.length === 0) return []
  const [committed, earliest] = await Promise.all([
    member.listCommittedOffsets({ topics: [...assigned] }),
    fetcher.listOffsets({ topics: assigned.map(({ topic }) => topic), timestamp: ListOffsetTimestamps.EARLIEST }),
  ])
  return assigned.flatMap(({ topic, partitions }) =>
    partitions.map((partition) => {
      const at = committed.get(topic)?.[partition] ?? -1n
      const wasCommitted = at >= 0n
      return { topic, partition, wasCommitted, next: wasCommitted ? at : (earliest.get(topic)?.[partition] ?? 0n) }
    }),
  )
}

export interface FetchRequest {
  readonly node: number
  readonly wanted: readonly Position[]
  readonly topicIds: ReadonlyMap<string, string>
  readonly maxWaitTime: number
}

/** Fetches what follows the positions and moves them. Resolves with the new records of each partition. */
export async function fetchRecords(
  fetcher: Consumer,
  { node, wanted, topicIds, maxWaitTime }: FetchRequest,
): Promise<LogRecord[][]> {
  const byPlace = new Map(wanted.map((at) => [`${topicIds.get(at.topic)} ${at.partition}`, at]))
  const topics = [...Map.groupBy(wanted, ({ topic }) => topic)].map(([topic, positions]) => ({
    topicId: topicIds.get(topic)!,
    partitions: positions.map(({ partition, next }) => ({
      partition,
      fetchOffset: next,
      partitionMaxBytes: BYTES_PER_PARTITION,
      currentLeaderEpoch: -1,
      lastFetchedEpoch: -1,
    })),
  }))
  const request = {
    node,
    topics,
    minBytes: 1,
    maxBytes: BYTES_PER_FETCH,
    maxWaitTime,
    isolationLevel: 0,
  }
  const response = await fetcher.fetch(request).catch((error: unknown) => {
    if (comeBackIntoRange(error, byPlace)) return { responses: [] }
    throw error
  })
  return response.responses.flatMap(({ topicId, partitions }) =>
    partitions.flatMap((answer) => {
      const at = byPlace.get(`${topicId} ${answer.partitionIndex}`)
      return at ? [recordsIn(answer, at)] : []
    }),
  )
}

function recordsIn({ records: batches }: FetchedPartition, at: Position): LogRecord[] {
  const records: LogRecord[] = []
  for (const batch of batches ?? []) {
    for (const { offsetDelta, key, value, headers } of batch.attributes & CONTROL_BATCH ? [] : batch.records) {
      const offset = batch.firstOffset + BigInt(offsetDelta)
      if (offset < at.next) continue // a batch comes whole, even when it was read in part
      records.push({
        topic: at.topic,
        partition: at.partition,
        offset: Number(offset),
        key: key && text(key),
        value: value && text(value),
        headers: Object.fromEntries(
          headers.flatMap(([name, content]) => (name && content ? [[text(name), text(content)]] : [])),
        ),
      })
    }
    const end = batch.firstOffset + BigInt(batch.lastOffsetDelta) + 1n
    if (end > at.next) at.next = end
  }
  return records
}

/** PostgreSQL stores no NUL: a record with one must be parkable like any other. */
const text = (bytes: Buffer): string => bytes.toString().replaceAll('\0', '\uFFFD')

/** Retention dropped what we stood on, or the log lost its end: on from the earliest that is kept, the inbox knows the rest. */
function comeBackIntoRange(error: unknown, byPlace: ReadonlyMap<string, Position>): boolean {
  const { findBy } = error as { findBy?: (name: string, value: unknown) => { response?: unknown } | null }
  const found = findBy?.call(error, 'apiId', 'OFFSET_OUT_OF_RANGE')
  const response = (error as { response?: { responses?: FetchedTopic[] } }).response
  if (!found || !response?.responses) return false
  for (const { topicId, partitions } of response.responses)
    for (const { partitionIndex, errorCode, logStartOffset } of partitions) {
      const at = byPlace.get(`${topicId} ${partitionIndex}`)
      if (at && errorCode !== 0) at.next = logStartOffset >= 0n ? logStartOffset : 0n
    }
  return true
}

/** Repeats what a broker that is away cannot do, with growing pauses. Undefined when the signal came first. */
export async function retryUntilStopped<Result>(
  work: () => Promise<Result>,
  { signal, logger, group }: { signal: AbortSignal; logger: Logger; group: string },
): Promise<Result | undefined> {
  for (let failures = 0; !signal.aborted; failures++) {
    try {
      return await work()
    } catch (error) {
      if (signal.aborted) return undefined
      const waitMs = backoffMs(failures, { firstMs: 100, mostMs: 2_000 })
      logger.warn({ err: error, group, retry_in_ms: waitMs }, 'the event log does not answer, trying again')
      await sleep(waitMs, undefined, { signal }).catch(() => undefined)
    }
  }
}
