import type { ServiceName } from '@mart/contracts/services'
import { RECORDS_PER_BATCH_AND_LANE } from '@mart/service-kit/lanes'
import { ROWS_PER_BATCH } from '@mart/service-kit/relay'
import type { Routine } from './clock.ts'
import { createFifo, createWakeUp, type Fifo } from './stations.ts'
import { type EventType, type LogEvent, transaction, type World } from './world.ts'

// As packages/service-kit/src/relay.ts and event-log-postgres-reader.ts have them.
const RELAY_POLL_MS = 200
const READER_POLL_MS = 1_000

/** Who hears what of a cash order, by topic; what is read of a topic and not in the list is passed over. */
const hearers: Readonly<Record<string, Partial<Record<ServiceName, readonly EventType[]>>>> = {
  order: { inventory: ['placed'], notification: ['placed', 'confirmed'], payment: ['confirmed'] },
  inventory: { order: ['reserved'], product: [] },
}

export interface Events {
  /** Writes events into a service's outbox; call it when their transaction is committed. */
  readonly say: (service: ServiceName, events: readonly LogEvent[]) => void
  /** Events that a service has not heard yet. */
  readonly lag: (service: ServiceName) => number
}

/** Calls of the model when something was heard. */
export interface Hearing {
  /** When the rows of what is heard are locked. */
  readonly whenLocked: (service: ServiceName, events: readonly LogEvent[]) => void
  /** Once committed. */
  readonly whenHeard: (service: ServiceName, events: readonly LogEvent[]) => void
}

interface Member {
  readonly service: ServiceName
  readonly replica: number
  readonly types: readonly EventType[]
  readonly partitions: readonly Fifo<LogEvent>[]
  readonly wake: () => void
  readonly wait: (ms: number) => (goOn: () => void) => void
}

/** Outboxes, relays, partitions and consumer groups. */
export function createEvents(world: World, hearing: Hearing): Events {
  const { clock, scenario } = world
  const lags = new Map<ServiceName, number>()
  const topics = new Map<string, { readonly partitions: readonly Fifo<LogEvent>[]; readonly member: Member }[]>()
  const outboxes = new Map<string, { readonly rows: Fifo<LogEvent>; readonly wake: () => void }[]>()

  for (const [topic, groups] of Object.entries(hearers)) {
    const readers = Object.entries(groups).flatMap(([service, types]) =>
      membersOf(world, service as ServiceName, types).map((member) => ({ partitions: member.partitions, member })),
    )
    topics.set(topic, readers)
    for (const { member } of readers) clock.start(hear(world, member, hearing, lags))
    outboxes.set(
      topic,
      Array.from({ length: scenario.relays }, (_, lane) => {
        const rows = createFifo<LogEvent>()
        const { wake, wait } = createWakeUp(clock)
        clock.start(relay(world, { service: topic as ServiceName, lane, rows, wait, append }))
        return { rows, wake }
      }),
    )
  }

  function append(topic: string, events: readonly LogEvent[]): void {
    for (const { partitions, member } of topics.get(topic)!) {
      let isMine = false
      for (const event of events) {
        const partition = partitions[placeOf(event, scenario.partitions)]
        if (!partition) continue
        partition.push(event)
        lags.set(member.service, (lags.get(member.service) ?? 0) + 1)
        isMine = true
      }
      if (isMine) member.wake()
    }
  }

  return {
    say(service, events) {
      const lanes = outboxes.get(service)!
      for (const event of events) lanes[placeOf(event, lanes.length)]!.rows.push(event)
      for (const { wake } of lanes) wake()
    },
    lag: (service) => lags.get(service) ?? 0,
  }
}

/** Spread like a hash of the order's id, the same each time. */
const placeOf = ({ order }: LogEvent, places: number) => (Math.imul(order + 1, 0x9e3779b1) >>> 8) % places

/** Kafka shares the partitions out among the replicas; of the embedded log one member has them all. */
function membersOf({ clock, scenario }: World, service: ServiceName, types: readonly EventType[]): Member[] {
  const count = scenario.engine === 'kafka' ? Math.min(scenario.replicas[service], scenario.partitions) : 1
  return Array.from({ length: count }, (_, replica) => {
    const partitions: Fifo<LogEvent>[] = []
    for (let place = replica; place < scenario.partitions; place += count) partitions[place] = createFifo()
    return { service, replica, types, partitions, ...createWakeUp(clock) }
  })
}

interface Outbox {
  readonly service: ServiceName
  readonly lane: number
  readonly rows: Fifo<LogEvent>
  readonly wait: Member['wait']
  readonly append: (topic: string, events: readonly LogEvent[]) => void
}

function* relay(world: World, { service, lane, rows, wait, append }: Outbox): Routine {
  const { clock, costs, log, scenario } = world
  const loop = world.addLoop(scenario.relays > 1 ? `relay of ${service} ${lane + 1}` : `relay of ${service}`)
  const { thread, database, log: append1 } = costs.relay
  const replica = lane % scenario.replicas[service]
  const half = (count: number) => ({ replica, thread: (thread * count) / 2, database: (database * count) / 2 })
  const send = function* (events: readonly LogEvent[]): Routine {
    yield* transaction(world, service, replica, { ...half(events.length), writes: events.length > 0 })
    if (events.length === 0) return
    yield* log.transaction(costs.log.step + append1 * events.length, costs.commitMs)
    clock.start(notify(events))
    yield* transaction(world, service, replica, { ...half(events.length), writes: true })
  }
  const notify = function* (events: readonly LogEvent[]): Routine {
    yield* log.transaction(costs.log.step, 0)
    append(service, events)
  }
  for (;;) {
    loop.noteWaiting(rows.size())
    const events = rows.take(ROWS_PER_BATCH)
    yield* loop.round({ size: events.length, most: ROWS_PER_BATCH }, send(events))
    if (events.length < ROWS_PER_BATCH) yield wait(RELAY_POLL_MS)
  }
}

function* hear(world: World, member: Member, hearing: Hearing, lags: Map<ServiceName, number>): Routine {
  const { clock, costs, log, threads, scenario } = world
  const { service, replica, types, partitions } = member
  const { event } = costs.services[service]
  const loop = world.addLoop(
    scenario.replicas[service] > 1 ? `hearing of ${service} ${replica + 1}` : `hearing of ${service}`,
  )
  // A partition that has nothing leaves its room empty: half of it is as full as it gets.
  const most = (RECORDS_PER_BATCH_AND_LANE * Object.keys(partitions).length) / 2
  const waiting = () => partitions.reduce((sum, partition) => sum + partition.size(), 0)
  const handle = function* (read: readonly LogEvent[]): Routine {
    yield* log.transaction(costs.log.step + costs.log.read * read.length, 0)
    const heard = read.filter(({ type }) => types.includes(type))
    if (heard.length > 0)
      yield* transaction(world, service, replica, {
        thread: event.thread * heard.length,
        database: event.database * heard.length,
        writes: true,
        midway: () => hearing.whenLocked(service, heard),
      })
    else if (types.length === 0 && read.length > 0) yield threads[service][replica]!.work(event.thread * read.length)
    if (read.length === 0) return
    lags.set(service, lags.get(service)! - read.length)
    clock.start(log.transaction(costs.log.step, costs.commitMs)) // the offsets, beside the next batch
    hearing.whenHeard(service, heard)
  }
  for (;;) {
    loop.noteWaiting(waiting())
    const read = partitions.flatMap((partition) => partition.take(RECORDS_PER_BATCH_AND_LANE))
    yield* loop.round({ size: read.length, most }, handle(read))
    if (read.length === 0) yield member.wait(READER_POLL_MS)
  }
}
