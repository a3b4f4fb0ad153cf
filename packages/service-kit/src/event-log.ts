export const PARTITIONS = 12

export interface OutgoingRecord {
  readonly key: string
  /** JSON text. */
  readonly value: string
  /** A JSON object of strings: the CloudEvents headers. */
  readonly headers: string
}

export interface LogRecord {
  readonly topic: string
  readonly partition: number
  readonly offset: number
  readonly key: string | null
  readonly value: string | null
  readonly headers: Readonly<Record<string, string>>
}

/**
 * The headers of a record, whatever somebody wrote there: texts stay, other values become their JSON, null and what is no
 * object of headers is left out. So what is wrong with them is found where records are read, and nothing fails before.
 */
export function asHeaders(written: unknown): Record<string, string> {
  if (typeof written !== 'object' || written === null || Array.isArray(written)) return {}
  return Object.fromEntries(
    Object.entries(written).flatMap(([name, value]) =>
      value === null || value === undefined
        ? []
        : [[name, typeof value === 'object' ? JSON.stringify(value) : String(value)]],
    ),
  )
}

/** The same of what is stored as text; text that is no JSON holds no headers. */
export function readHeaders(text: string): Record<string, string> {
  try {
    return asHeaders(JSON.parse(text))
  } catch {
    return {}
  }
}

export interface TopicSettings {
  readonly name: string
  /** Null keeps it for ever. */
  readonly retentionDays: number | null
}

export interface ConsumeOptions {
  readonly group: string
  readonly topics: readonly string[]
  /**
   * Gets records of any of the topics, each partition's in their order. When it resolves, their offsets will be committed;
   * when it throws, or the member ends or loses a partition before that, they come again, perhaps to another member. What
   * failed in company comes again by partition, so that one that cannot be heard holds up no other. Never called twice at
   * once with records of one partition.
   * `signal` asks to give up waiting and trying again: a partition was lost, or the member stops.
   */
  readonly onRecords: (records: readonly LogRecord[], signal: AbortSignal) => Promise<void>
}

export interface Consumption {
  /** True while a loop reads or waits for its turn; false once it has ended, asked or not. */
  readonly isAlive: () => boolean
  /** Lets the batch under way finish, commits it, and gives the partitions to whoever comes next. */
  readonly stop: () => Promise<void>
}

export interface Lag {
  readonly topic: string
  readonly partition: number
  /** Records that the group has not committed yet. */
  readonly lag: number
}

/** A durable, partitioned log: records of one key keep their order, delivery is at least once. */
export interface EventLog {
  readonly engine: 'postgres' | 'kafka'
  /** Makes the topics that are missing, with PARTITIONS partitions. */
  readonly prepareTopics: (topics: readonly TopicSettings[]) => Promise<void>
  /** Resolves once all records are durable, those of a key in this order. When it throws, some may be in the log too. */
  readonly append: (topic: string, records: readonly OutgoingRecord[]) => Promise<void>
  readonly consume: (options: ConsumeOptions) => Consumption
  readonly lag: (group: string, topics: readonly string[]) => Promise<Lag[]>
  /** A group without live members goes on from `offset` (0: the earliest that is kept) in every partition of the topic. */
  readonly seek: (group: string, topic: string, offset: number) => Promise<void>
  /** Throws when the log does not answer. */
  readonly ping: () => Promise<void>
  readonly dropExpired: (topic: string) => Promise<number>
  readonly close: () => Promise<void>
}
