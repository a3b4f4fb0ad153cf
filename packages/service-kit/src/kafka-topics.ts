import { setTimeout as sleep } from 'node:timers/promises'
import { isDeepStrictEqual } from 'node:util'
import { type Admin, ConfigResourceTypes } from '@platformatic/kafka'
import { PARTITIONS, type TopicSettings } from './event-log.ts'
import { EventLogFault, type KafkaSettings } from './kafka-settings.ts'
import type { Logger } from './logger.ts'

const DAY_MS = 24 * 60 * 60 * 1_000
const LEADERS_MS = 10_000
const LOOK_EVERY_MS = 250
const WAIT_FOR_TOPICS_MS = 3_000
const REMIND_MS = 60_000

/** Makes what is missing. A topic with too few partitions throws; other differences are said and left. */
export async function prepareTopics(
  admin: Admin,
  topics: readonly TopicSettings[],
  { settings, logger }: { settings: KafkaSettings; logger: Logger },
): Promise<void> {
  const there = new Set(await admin.listTopics())
  for (const topic of topics) {
    if (there.has(topic.name)) await compareTopic(admin, topic, { settings, logger })
    else await createTopic(admin, topic, settings.KAFKA_REPLICATION)
  }
  await untilLed(
    admin,
    topics.map(({ name }) => name),
  )
}

async function createTopic(admin: Admin, topic: TopicSettings, replication: number): Promise<void> {
  try {
    await admin.createTopics({
      topics: [{ topic: topic.name, partitions: PARTITIONS, replicas: replication }],
      configs: [
        { name: 'cleanup.policy', value: 'delete' },
        { name: 'retention.ms', value: String(retentionMs(topic)) },
        { name: 'min.insync.replicas', value: replication >= 3 ? '2' : '1' },
      ],
    })
  } catch (error) {
    if (!isAnswer(error, 'TOPIC_ALREADY_EXISTS')) throw error // another replica was faster
  }
}

async function compareTopic(
  admin: Admin,
  topic: TopicSettings,
  { settings, logger }: { settings: KafkaSettings; logger: Logger },
): Promise<void> {
  const { topics } = await admin.metadata({ topics: [topic.name], forceUpdate: true })
  const partitions = topics.get(topic.name)?.partitions ?? []
  if (partitions.length < PARTITIONS)
    throw new EventLogFault(
      `topic ${topic.name} has ${partitions.length} partitions and needs ${PARTITIONS}: see docs/operations.md`,
    )
  const [described] = await admin.describeConfigs({
    resources: [
      { resourceType: ConfigResourceTypes.TOPIC, resourceName: topic.name, configurationKeys: ['retention.ms'] },
    ],
  })
  const is = {
    retention_ms: Number(described?.configs.find(({ name }) => name === 'retention.ms')?.value),
    replication: Math.min(...partitions.map(({ replicas }) => replicas.length)),
  }
  const wanted = { retention_ms: retentionMs(topic), replication: settings.KAFKA_REPLICATION }
  if (!isDeepStrictEqual(is, wanted)) logger.warn({ topic: topic.name, is, wanted }, 'a topic is left as it was made')
}

const retentionMs = ({ retentionDays }: TopicSettings) =>
  retentionDays === null ? -1 : Math.round(retentionDays * DAY_MS)

/** A topic that was made a moment ago takes no records until each partition has a leader. */
async function untilLed(admin: Admin, names: string[]): Promise<void> {
  for (const end = Date.now() + LEADERS_MS; ; await sleep(50)) {
    const led = await admin.metadata({ topics: names, forceUpdate: true }).then(
      ({ topics }) => [...topics.values()].every((topic) => topic.partitions.every(({ leader }) => leader >= 0)),
      () => false,
    )
    if (led) return
    if (Date.now() > end) throw new EventLogFault(`partitions of ${names.join(', ')} have no leader`)
  }
}

export interface TopicWatch {
  /** Those of the topics that are there: all, or, once one has waited for the others a while, some. */
  readonly present: () => Promise<string[]>
  /** Resolves when more topics are there than are known, or with the signal. */
  readonly whenMore: (known: readonly string[]) => Promise<void>
}

/** Looks for topics whose speakers may not have made them yet; which are missing is said once a minute. */
export function watchTopics(
  admin: Admin,
  { wanted, signal, logger }: { wanted: readonly string[]; signal: AbortSignal; logger: Logger },
): TopicWatch {
  let saidAt = Date.now()
  const look = async (): Promise<string[]> => {
    const there = new Set(await admin.listTopics())
    const missing = wanted.filter((topic) => !there.has(topic))
    if (missing.length > 0 && Date.now() - saidAt > REMIND_MS) {
      saidAt = Date.now()
      logger.warn({ missing }, 'topics are not heard: not made yet, or KAFKA_SASL_USERNAME may not read them')
    }
    return wanted.filter((topic) => there.has(topic))
  }
  return {
    async present() {
      for (const since = Date.now(); ; await sleep(LOOK_EVERY_MS, undefined, { signal })) {
        const topics = await look()
        const isPatient = Date.now() - since < WAIT_FOR_TOPICS_MS
        if (topics.length === wanted.length || (topics.length > 0 && !isPatient)) return topics
      }
    },
    async whenMore(known) {
      if (known.length === wanted.length) return await whenAborted(signal)
      while (!signal.aborted) {
        await sleep(4 * LOOK_EVERY_MS, undefined, { signal }).catch(() => undefined)
        const topics = await look().catch(() => known)
        if (topics.length > known.length) return
      }
    },
  }
}

export const whenAborted = (signal: AbortSignal): Promise<void> =>
  signal.aborted
    ? Promise.resolve()
    : new Promise((resolve) => signal.addEventListener('abort', () => resolve(), { once: true }))

/** Whether the broker answered with this error code, by its name in Kafka's protocol. */
export function isAnswer(error: unknown, apiId: string): boolean {
  const { findBy } = error as { findBy?: (name: string, value: unknown) => unknown }
  return Boolean(findBy?.call(error, 'apiId', apiId))
}
