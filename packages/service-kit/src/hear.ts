import type { DataOf, EventDefinition } from '@mart/contracts/events/define-event'
import { asHeaders, type LogRecord } from './event-log.ts'
import { faultIn } from './event-schema.ts'
import { isUuid } from './ids.ts'
import type { Transaction } from './postgres.ts'

export interface HeardEvent<Data = unknown> {
  readonly id: string
  readonly type: string
  readonly topic: string
  readonly key: string
  /** When it was said. */
  readonly at: Date
  readonly data: Data
  readonly traceparent?: string
}

export interface Hearing {
  readonly event: EventDefinition
  /** Runs in the transaction that remembers the events as heard. */
  readonly handle: (tx: Transaction, events: readonly HeardEvent[]) => Promise<unknown>
}

/** Hears one event at a time. */
export function on<Event extends EventDefinition>(
  event: Event,
  useCase: (tx: Transaction, event: HeardEvent<DataOf<Event>>) => Promise<unknown>,
): Hearing {
  return {
    event,
    async handle(tx, events) {
      for (const one of events) await useCase(tx, one as HeardEvent<DataOf<Event>>)
    },
  }
}

/** Hears all events of a type that came together: for streams that are hot. */
export function onBatch<Event extends EventDefinition>(
  event: Event,
  useCase: (tx: Transaction, events: readonly HeardEvent<DataOf<Event>>[]) => Promise<unknown>,
): Hearing {
  return { event, handle: (tx, events) => useCase(tx, events as readonly HeardEvent<DataOf<Event>>[]) }
}

export interface HearingTable {
  readonly topics: readonly string[]
  readonly hears: ReadonlyMap<string, Hearing>
  readonly known: ReadonlyMap<string, EventDefinition>
}

/** What a service hears, beside everything that anybody says (what is not in `allEvents` was defined by nobody). */
export function hearingTable(hears: readonly Hearing[], allEvents: readonly EventDefinition[]): HearingTable {
  return {
    topics: [...new Set(hears.map((hearing) => hearing.event.topic.name))],
    hears: byType(hears),
    known: new Map(allEvents.map((event) => [event.type, event])),
  }
}

/** One hearing for each type: several of one event are heard one after the other, in one transaction. */
function byType(hears: readonly Hearing[]): Map<string, Hearing> {
  const table = new Map<string, Hearing>()
  for (const hearing of hears) {
    const { event, handle } = hearing
    const before = table.get(event.type)
    if (!before) table.set(event.type, hearing)
    else
      table.set(event.type, {
        event,
        async handle(tx, events) {
          await before.handle(tx, events)
          await handle(tx, events)
        },
      })
  }
  return table
}

export type Reading =
  | { readonly kind: 'heard'; readonly record: LogRecord; readonly event: HeardEvent; readonly hearing: Hearing }
  | { readonly kind: 'passed' }
  | {
      readonly kind: 'faulty'
      readonly record: LogRecord
      readonly error: string
      /** Set when the event is known by its headers and only its data is wrong: its key must wait for it. */
      readonly event?: HeardEvent
    }

/**
 * What a record of the log is to this service: to be heard, of no interest, or faulty, with what is wrong. Whatever a
 * stranger wrote to the log is an answer, no throw; a fault in an event's schema would throw.
 */
export function readRecord(table: HearingTable, record: LogRecord): Reading {
  const faulty = (error: string, event?: HeardEvent): Reading =>
    event ? { kind: 'faulty', record, error, event } : { kind: 'faulty', record, error }
  const { ce_id: id, ce_type: type, ce_time: time, traceparent } = asHeaders(record.headers)
  if (!id || !type || !time) return faulty('a CloudEvents header is missing: ce_id, ce_type or ce_time')
  if (Number.isNaN(Date.parse(time))) return faulty(`ce_time is no time: ${time.slice(0, 100)}`)
  if (!isUuid(id)) return faulty(`ce_id is no UUID: ${id.slice(0, 100)}`)
  const definition = table.known.get(type)
  if (!definition) return faulty(`nobody defined an event ${type.slice(0, 100)}`)
  if (definition.topic.name !== record.topic) return faulty(`${type} does not belong on ${record.topic}`)
  const hearing = table.hears.get(type)
  if (!hearing) return { kind: 'passed' }
  let data: unknown
  try {
    data = JSON.parse(record.value ?? '')
  } catch {
    return faulty('its value is no JSON')
  }
  const event = {
    id: id.toLowerCase(),
    type,
    topic: record.topic,
    key: record.key ?? '',
    at: new Date(time),
    data,
    ...(traceparent ? { traceparent } : {}),
  }
  const fault = faultIn(hearing.event, data)
  return fault ? faulty(fault, event) : { kind: 'heard', record, event, hearing }
}

export type Heard = Extract<Reading, { kind: 'heard' }>

/**
 * Groups events by type into as few calls as the order of each key allows: an event joins an earlier group of its
 * type unless one of its key came after that group.
 */
export function inGroups(heard: readonly Heard[]): { hearing: Hearing; events: HeardEvent[] }[] {
  const groups: { hearing: Hearing; events: HeardEvent[] }[] = []
  const lastGroupOfType = new Map<string, number>()
  const lastGroupOfKey = new Map<string, number>()
  for (const { event, hearing } of heard) {
    let index = lastGroupOfType.get(event.type)
    if (index === undefined || index < (lastGroupOfKey.get(event.key) ?? -1)) {
      index = groups.push({ hearing, events: [] }) - 1
      lastGroupOfType.set(event.type, index)
    }
    groups[index]!.events.push(event)
    lastGroupOfKey.set(event.key, index)
  }
  return groups
}
