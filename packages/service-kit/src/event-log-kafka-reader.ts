import { setTimeout as sleep } from 'node:timers/promises'
import { type Admin, type BaseOptions, Consumer } from '@platformatic/kafka'
import { backoffMs } from './backoff.ts'
import { startCommitter } from './commits.ts'
import type { ConsumeOptions, Consumption } from './event-log.ts'
import { committerOfGeneration } from './kafka-commits.ts'
import { type FetchRequest, fetchRecords, type Position, retryUntilStopped, startPositions } from './kafka-fetch.ts'
import { watchTopics, whenAborted } from './kafka-topics.ts'
import { createLanes } from './lanes.ts'
import type { Logger } from './logger.ts'
import { createWakeUp } from './wake-up.ts'

/** A member that is gone is noticed after this; whoever hangs longer has lost its partitions. */
const SESSION_MS = 10_000
/** By its heartbeat a member learns that others wait for it to join again, and nobody reads until it has. */
const HEARTBEAT_MS = 500
const FETCH_WAIT_MS = 500
/** While a lane is full: a fetch that waits for other partitions would keep it from being filled again. */
const SHORT_FETCH_WAIT_MS = 20
const LOOK_EVERY_MS = 1_000

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
    for (let failures = 0; !stopping.aborted; failures++) {
      const since = Date.now()
      try {
        await beMember(reader, stopping)
      } catch (error) {
        if (stopping.aborted) return
        logger.warn({ err: error, group: options.group }, 'reading the event log failed, joining the group again')
      }
      if (Date.now() - since > SESSION_MS) failures = 0
      const waitMs = backoffMs(failures, { firstMs: 100, mostMs: 2_000 })
      await sleep(waitMs, undefined, { signal: stopping }).catch(() => undefined)
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
  const { connection, admin, options, logger } = reader
  const over = new AbortController()
  const watch = watchTopics(admin, { wanted: options.topics, signal: AbortSignal.any([stopping, over.signal]), logger })
  const topics = await watch.present()
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
    await Promise.race([failure.promise, whenAborted(stopping), watch.whenMore(topics)])
  } finally {
    over.abort()
    // Whoever closes the log does not wait for a batch that hangs.
    await Promise.race([session?.end(), whenAborted(reader.closing)])
    session?.lose()
    await Promise.allSettled([member.close(true), fetcher.close(true)])
  }
}

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

/** Reads the partitions of one generation of the group. */
function startSession({ member, fetcher, options, logger, stopping }: Membership): Session {
  const lost = new AbortController()
  const ending = new AbortController()
  const signal = AbortSignal.any([lost.signal, ending.signal, stopping])
  const wakeUp = createWakeUp()
  const commits = startCommitter({
    signal: lost.signal,
    logger,
    group: options.group,
    commit: committerOfGeneration(member),
  })
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
      logger.warn({ err: error, group: options.group, broker: node }, 'fetching records failed, trying again')
      fetcher.clearMetadata()
      await sleep(LOOK_EVERY_MS / 4, undefined, { signal }).catch(() => undefined)
    } finally {
      fetching.delete(node)
      wakeUp.wake()
    }
  }

  const fetchMore = async (positions: readonly Position[]) => {
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
  }
  const run = async () => {
    const trying = { signal, logger, group: options.group }
    const positions = await retryUntilStopped(() => startPositions({ member, fetcher, assigned }), trying)
    // Whoever counts a group's lag takes one that has committed nothing for one that has every topic before it.
    const isNew = positions?.filter(({ wasCommitted }) => !wasCommitted) ?? []
    commits.add(isNew.map(({ topic, partition, next }) => ({ topic, partition, next: Number(next) })))
    while (positions && !signal.aborted) {
      const waited = wakeUp.wait(LOOK_EVERY_MS)
      await retryUntilStopped(() => fetchMore(positions), trying)
      await waited
    }
  }
  const running = run()

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
