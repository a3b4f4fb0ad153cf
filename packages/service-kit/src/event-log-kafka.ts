import { Admin, ListOffsetTimestamps, ProduceAcks, Producer, stringSerializers } from '@platformatic/kafka'
import { type EventLog, type Lag, type OutgoingRecord, readHeaders } from './event-log.ts'
import { consume } from './event-log-kafka-reader.ts'
import { connectionOf, explain, type KafkaSettings } from './kafka-settings.ts'
import { isAnswer, prepareTopics } from './kafka-topics.ts'
import type { Logger } from './logger.ts'

/** Below the 1 MiB that a broker takes as one batch of a partition (`message.max.bytes`). */
const BYTES_PER_REQUEST = 900 * 1024

interface KafkaLogOptions {
  readonly clientName: string
  readonly logger: Logger
  readonly settings: KafkaSettings
}

/** Apache Kafka 3.5 or newer at `kafka://host:port,host:port`. Connects when first used; throws ConfigError for a bad address. */
export function kafkaEventLog(url: string, { clientName, logger, settings }: KafkaLogOptions): EventLog {
  const connection = connectionOf(url, settings, clientName)
  const admin = new Admin(connection)
  const producer = new Producer({
    ...connection,
    idempotent: true,
    acks: ProduceAcks.ALL,
    serializers: stringSerializers,
  })
  const closing = new AbortController()
  let sending = Promise.resolve()
  const consumptions = new Set<{ stop: () => Promise<void> }>()
  const explained = <Result>(work: Promise<Result>): Promise<Result> =>
    work.catch((error: unknown) => {
      throw explain(error, url, settings)
    })

  return {
    engine: 'kafka',
    prepareTopics: (topics) => explained(prepareTopics(admin, topics, { settings, logger })),
    async append(topic, records) {
      // One request after the other: one that overtook another would turn a key's order around, and the library numbers
      // the records of idempotent requests wrongly when they start together.
      const mine = sending.then(async () => {
        for (const messages of inRequests(topic, records)) await explained(producer.send({ messages }))
      })
      sending = mine.catch(() => undefined)
      await mine
    },
    consume(options) {
      const consumption = consume({ connection, admin, options, logger, closing: closing.signal })
      consumptions.add(consumption)
      return consumption
    },
    lag: (group, topics) => explained(lag(admin, group, topics)),
    seek: (group, topic, offset) => explained(seek(admin, { group, topic, offset: BigInt(offset) })),
    async ping() {
      await explained(admin.metadata({ topics: [], forceUpdate: true, retries: 0 }))
    },
    dropExpired: async () => 0,
    async close() {
      closing.abort()
      await Promise.allSettled([...consumptions].map((consumption) => consumption.stop()))
      await Promise.allSettled([producer.close(true), admin.close()])
    },
  }
}

function* inRequests(topic: string, records: readonly OutgoingRecord[]) {
  let messages: { topic: string; key: string; value: string; headers: Record<string, string> }[] = []
  let bytes = 0
  for (const { key, value, headers } of records) {
    const size = Buffer.byteLength(value) + headers.length + key.length
    if (messages.length > 0 && bytes + size > BYTES_PER_REQUEST) {
      yield messages
      messages = []
      bytes = 0
    }
    messages.push({ topic, key, value, headers: readHeaders(headers) })
    bytes += size
  }
  if (messages.length > 0) yield messages
}

async function lag(admin: Admin, group: string, wanted: readonly string[]): Promise<Lag[]> {
  const there = new Set(await admin.listTopics())
  const topics = wanted.filter((topic) => there.has(topic))
  if (topics.length === 0) return []
  const [earliest, latest, committed] = await Promise.all([
    offsetsAt(admin, topics, ListOffsetTimestamps.EARLIEST),
    offsetsAt(admin, topics, ListOffsetTimestamps.LATEST),
    committedOffsets(admin, group),
  ])
  return latest.map(({ topic, partition, offset }, index) => {
    const from = committed.get(`${topic} ${partition}`) ?? earliest[index]!.offset
    return { topic, partition, lag: Math.max(0, Number(offset - from)) }
  })
}

async function offsetsAt(admin: Admin, names: string[], timestamp: bigint) {
  const metadata = await admin.metadata({ topics: [...names] })
  const topics = names.map((name) => ({
    name,
    partitions: metadata.topics.get(name)!.partitions.map((_, partitionIndex) => ({ partitionIndex, timestamp })),
  }))
  const listed = await admin.listOffsets({ topics })
  return listed
    .flatMap(({ name, partitions }) =>
      partitions.map(({ partitionIndex, offset }) => ({ topic: name, partition: partitionIndex, offset })),
    )
    .sort((a, b) => a.topic.localeCompare(b.topic) || a.partition - b.partition)
}

async function committedOffsets(admin: Admin, group: string): Promise<Map<string, bigint>> {
  const offsets = new Map<string, bigint>()
  const groups = await admin.listConsumerGroupOffsets({ groups: [group] }).catch((error: unknown) => {
    if (isAnswer(error, 'GROUP_ID_NOT_FOUND')) return []
    throw error
  })
  for (const { name, partitions } of groups.flatMap(({ topics }) => topics))
    for (const { partitionIndex, committedOffset } of partitions)
      if (committedOffset >= 0n) offsets.set(`${name} ${partitionIndex}`, committedOffset)
  return offsets
}

async function seek(admin: Admin, { group, topic, offset }: { group: string; topic: string; offset: bigint }) {
  const { topics } = await admin.metadata({ topics: [topic], forceUpdate: true })
  const partitionOffsets = topics.get(topic)!.partitions.map((_, partition) => ({ partition, offset }))
  await admin.alterConsumerGroupOffsets({ groupId: group, topics: [{ name: topic, partitionOffsets }] })
}
