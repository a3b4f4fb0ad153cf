import { setTimeout as sleep } from 'node:timers/promises'
import { type Admin, type BaseOptions, Consumer, type GroupAssignment, ListOffsetTimestamps } from '@platformatic/kafka'
import type { ConsumeOptions, Consumption, LogRecord } from './event-log.ts'
import { createLanes, type Progress } from './lanes.ts'
import type { Logger } from './logger.ts'
import { createWakeUp } from './wake-up.ts'

/** A member that is gone is noticed after this; whoever hangs longer has lost its partitions. */
const SESSION_MS = 10_000
const HEARTBEAT_MS = 2_000
const FETCH_WAIT_MS = 500
/** While a lane is full: a fetch that waits for other partitions would keep it from being filled again. */
const SHORT_FETCH_WAIT_MS = 20
const BYTES_PER_FETCH = 8 * 1024 * 1024
const BYTES_PER_PARTITION = 1024 * 1024
const LOOK_EVERY_MS = 1_000
const MAX_BACKOFF_MS = 2_000
const CONTROL_BATCH = 0x20

type FetchedTopic = Awaited<ReturnType<Consumer['fetch']>>['responses'][number]
type FetchedPartition = FetchedTopic['partitions'][number]

interface Reader {
  readonly connection: BaseOptions
  readonly admin: Admin
  readonly options: ConsumeOptions
  readonly logger: Logger
  readonly closing: AbortSignal
}

/** A member of a consumer group of Apache Kafka. Whatever ends its membership, it becomes a member anew. */
export function consume(reader: Reader): Consumption {
  const { options, logger, closing } = reader
  const asked = new AbortController()
  const stopping = AbortSignal.any([asked.signal, closing])
  let alive = true

  const run = async () => {
    for (let backoffMs = 100; !stopping.aborted; backoffMs = Math.min(MAX_BACKOFF_MS, backoffMs * 2)) {
      const since = Date.now()
      try {
        await beMember(reader, stopping)
      } catch (error) {
        if (stopping.aborted) return
        logger.warn({ err: error, group: options.group }, 'reading the event log failed, joining the group again')
      }
      if (Date.now() - since > SESSION_MS) backoffMs = 100
      await sleep(backoffMs, undefined, { signal: stopping }).catch(() => undefined)
    }
  }
  const ended = run().finally(() => {
    alive = false
  })

  return {
    isAlive: () => alive,
    async stop() {
      asked.abort()
      await ended
    },
  }
}

async function beMember(reader: Reader, stopping: AbortSignal): Promise<void> {
  const { connection, options, logger } = reader
  const topics = await topicsThatExist(reader, stopping)
  const member = new Consumer({
    ...connection,
    groupId: options.group,
    sessionTimeout: SESSION_MS,
    rebalanceTimeout: 2 * SESSION_MS,
    heartbeatInterval: HEARTBEAT_MS,
  })
  // On connections of its own: a fetch that waits for records would hold up heartbeats and commits behind it.
  const fetcher = new Consumer({ ...connection, groupId: options.group })
  member.topics.trackAll(...topics)
  fetcher.topics.trackAll(...topics)
  const failure = Promise.withResolvers<never>()
  failure.promise.catch(() => undefined)
  let session: Session | undefined
  member.on('error', failure.reject)
  member.on('consumer:heartbeat:stalled', () => failure.reject(new Error('no heartbeat was answered for long')))
  // After each rebalance: what was read before may belong to another member now, so it is dropped and read again.
  member.on('consumer:group:join', () => {
    session?.lose()
    session = startSession({ member, fetcher, options, logger, stopping })
  })
  try {
    await member.joinGroup()
    await Promise.race([failure.promise, whenAborted(stopping), whenTopicsAppear(reader, topics, stopping)])
  } finally {
    // Whoever closes the log does not wait for a batch that hangs.
    await Promise.race([session?.end(), whenAborted(reader.closing)])
    session?.lose()
    await Promise.allSettled([member.close(true), fetcher.close(true)])
  }
}

/** A speaker that starts after us makes its topic later; we begin with what is there. */
async function topicsThatExist({ admin, options }: Reader, stopping: AbortSignal): Promise<string[]> {
  for (;;) {
    const there = new Set(await admin.listTopics())
    const topics = options.topics.filter((topic) => there.has(topic))
    if (topics.length > 0) return topics
    await sleep(LOOK_EVERY_MS / 4, undefined, { signal: stopping })
  }
}

async function whenTopicsAppear(reader: Reader, known: readonly string[], stopping: AbortSignal): Promise<void> {
  if (known.length === reader.options.topics.length) return await whenAborted(stopping)
  for (;;) {
    await sleep(LOOK_EVERY_MS, undefined, { signal: stopping }).catch(() => undefined)
    const topics = await topicsThatExist(reader, stopping).catch(() => known)
    if (stopping.aborted || topics.length > known.length) return
  }
}

const whenAborted = (signal: AbortSignal): Promise<void> =>
  signal.aborted
    ? Promise.resolve()
    : new Promise((resolve) => signal.addEventListener('abort', () => resolve(), { once: true }))

interface Membership {
  readonly member: Consumer
  readonly fetcher: Consumer
  readonly options: ConsumeOptions
  readonly logger: Logger
  readonly stopping: AbortSignal
}

interface Session {
  /** The partitions belong to somebody else from now on. */
  readonly lose: () => void
  /** Begins nothing more, lets what is under way finish and commits it. */
  readonly end: () => Promise<void>
}

interface Position {
  readonly topic: string
  readonly partition: number
  next: bigint
}

/** Reads the partitions of one generation of the group. */
function startSession({ member, fetcher, options, logger, stopping }: Membership): Session {
  const lost = new AbortController()
  const ending = new AbortController()
  const signal = AbortSignal.any([lost.signal, ending.signal, stopping])
  const wakeUp = createWakeUp()
  const commits = keepCommitting({ member, lost: lost.signal, logger, group: options.group })
  const lanes = createLanes({ ...options, signal, onDone: commits.add, onRoom: wakeUp.wake, logger })
  const assigned = member.assignments ?? []
  const fetching = new Set<number>()

  const fetchFrom = async (node: number, request: Omit<FetchRequest, 'node'>) => {
    try {
      for (const records of await fetchRecords(fetcher, { node, ...request })) {
        if (signal.aborted) return
        lanes.add(records)
      }
    } catch (error) {
      if (signal.aborted) return
      logger.warn(
        { err: error, group: options.group, broker: node },
        'fetching from the event log failed, trying again',
      )
      fetcher.clearMetadata()
      await sleep(LOOK_EVERY_MS / 4, undefined, { signal }).catch(() => undefined)
    } finally {
      fetching.delete(node)
      wakeUp.wake()
    }
  }

  const run = async () => {
    const positions = await startPositions({ member, fetcher, assigned })
    while (!signal.aborted) {
      const waited = wakeUp.wait(LOOK_EVERY_MS)
      const { topics } = await fetcher.metadata({ topics: assigned.map(({ topic }) => topic) })
      const topicIds = new Map([...topics].map(([name, { id }]) => [name, id]))
      const leaderOf = ({ topic, partition }: Position) => topics.get(topic)?.partitions[partition]?.leader ?? -1
      const wanted = positions.filter(({ topic, partition }) => lanes.hasRoom(topic, partition))
      const maxWaitTime = wanted.length < positions.length ? SHORT_FETCH_WAIT_MS : FETCH_WAIT_MS
      for (const [node, ofNode] of Map.groupBy(wanted, leaderOf)) {
        if (node < 0 || fetching.has(node)) continue
        fetching.add(node)
        void fetchFrom(node, { wanted: ofNode, topicIds, maxWaitTime })
      }
      await waited
    }
  }
  const running = keepTrying(run, { signal, logger, group: options.group })

  return {
    lose() {
      lost.abort()
      wakeUp.wake()
    },
    async end() {
      ending.abort()
      wakeUp.wake()
      await Promise.all([running, lanes.settled()])
      await commits.flushed()
    },
  }
}

async function keepTrying(
  work: () => Promise<void>,
  { signal, logger, group }: { signal: AbortSignal; logger: Logger; group: string },
): Promise<void> {
  for (let waitMs = 100; !signal.aborted; waitMs = Math.min(MAX_BACKOFF_MS, waitMs * 2)) {
    try {
      return await work()
    } catch (error) {
      if (signal.aborted) return
      logger.warn({ err: error, group, retry_in_ms: waitMs }, 'the event log does not answer, trying again')
      await sleep(waitMs, undefined, { signal }).catch(() => undefined)
    }
  }
}

/** Where the group stopped, or the earliest that is kept. */
async function startPositions({
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
      return { topic, partition, next: at >= 0n ? at : (earliest.get(topic)?.[partition] ?? 0n) }
    }),
  )
}

interface FetchRequest {
  readonly node: number
  readonly wanted: readonly Position[]
  readonly topicIds: ReadonlyMap<string, string>
  readonly maxWaitTime: number
}

/** Fetches what follows the positions and moves them. Resolves with the new records of each partition. */
async function fetchRecords(
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

/** Commits beside the work: what is done stays done in the database, a commit only saves reading it again. */
function keepCommitting({
  member,
  lost,
  logger,
  group,
}: {
  member: Consumer
  lost: AbortSignal
  logger: Logger
  group: string
}) {
  const waiting = new Map<string, Progress>()
  let committing: Promise<void> | undefined

  const commit = async () => {
    while (waiting.size > 0 && !lost.aborted) {
      const batch = [...waiting.values()]
      waiting.clear()
      try {
        await member.commit({
          offsets: batch.map(({ topic, partition, next }) => ({
            topic,
            partition,
            offset: BigInt(next),
            leaderEpoch: -1,
          })),
        })
      } catch (error) {
        if (lost.aborted) return
        logger.warn({ err: error, group }, 'offsets could not be committed, they go with the next')
        for (const progress of batch) {
          const name = `${progress.topic} ${progress.partition}`
          if (!waiting.has(name)) waiting.set(name, progress)
        }
        return
      }
    }
  }
  const start = () => {
    committing ??= commit().finally(() => {
      committing = undefined
    })
    return committing
  }

  return {
    add(progress: readonly Progress[]) {
      for (const one of progress) waiting.set(`${one.topic} ${one.partition}`, one)
      void start()
    },
    async flushed() {
      await committing
      await start()
    },
  }
}
