import type { DataOf, EventDefinition } from '@mart/contracts/events/define-event'
import { asHeaders, type LogRecord } from './event-log.ts'
import { faultIn } from './event-schema.ts'
import { isUuid } from './ids.ts'
import { carried, logContext } from './logger.ts'
import type { Transaction } from './postgres.ts'

export interface ConsumedEvent<Data = unknown> {
  readonly id: string
  readonly type: string
  readonly topic: string
  readonly key: string
  /** When it was published. */
  readonly at: Date
  readonly data: Data
  readonly traceparent?: string
}

export interface EventHandler {
  readonly event: EventDefinition
  /** Runs in the transaction that remembers the events as consumed. */
  readonly handle: (tx: Transaction, events: readonly ConsumedEvent[]) => Promise<unknown>
}

/** Handles one event at a time. */
export function on<Event extends EventDefinition>(
  event: Event,
  useCase: (tx: Transaction, event: ConsumedEvent<DataOf<Event>>) => Promise<unknown>,
): EventHandler {
  return {
    event,
    async handle(tx, events) {
      const contexts = logContext.getStore()?.[carried]?.ofEvent
      for (const one of events) {
        const context = contexts?.get(one.id) ?? logContext.getStore() ?? {}
        await logContext.run(context, () => useCase(tx, one as ConsumedEvent<DataOf<Event>>))
      }
    },
  }
}

/** Handles all events of a type that came together: for streams that are hot. */
export function onBatch<Event extends EventDefinition>(
  event: Event,
  useCase: (tx: Transaction, events: readonly ConsumedEvent<DataOf<Event>>[]) => Promise<unknown>,
): EventHandler {
  return { event, handle: (tx, events) => useCase(tx, events as readonly ConsumedEvent<DataOf<Event>>[]) }
}

export interface HandlerTable {
  readonly topics: readonly string[]
  readonly handlers: ReadonlyMap<string, EventHandler>
  readonly known: ReadonlyMap<string, EventDefinition>
}

/** The handlers of a service, beside every event there is (what is not in `allEvents` was defined by nobody). */
export function handlerTable(handlers: readonly EventHandler[], allEvents: readonly EventDefinition[]): HandlerTable {
  return {
    topics: [...new Set(handlers.map((handler) => handler.event.topic.name))],
    handlers: byType(handlers),
    known: new Map(allEvents.map((event) => [event.type, event])),
  }
}

/** One handler for each type: several of one event are handled one after the other, in one transaction. */
function byType(handlers: readonly EventHandler[]): Map<string, EventHandler> {
  const table = new Map<string, EventHandler>()
  for (const handler of handlers) {
    const { event, handle } = handler
    const before = table.get(event.type)
    if (!before) table.set(event.type, handler)
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
  | {
      readonly kind: 'consumable'
      readonly record: LogRecord
      readonly event: ConsumedEvent
      readonly handler: EventHandler
    }
  | { readonly kind: 'passed' }
  | {
      readonly kind: 'faulty'
      readonly record: LogRecord
      readonly error: string
      /** Set when the event is known by its headers and only its data is wrong: its key must wait for it. */
      readonly event?: ConsumedEvent
    }

/**
 * What a record of the log is to this service: to be consumed, of no interest, or faulty, with what is wrong. Whatever a
 * stranger wrote to the log is an answer, no throw; a fault in an event's schema would throw.
 */
export function readRecord(table: HandlerTable, record: LogRecord): Reading {
  const faulty = (error: string, event?: ConsumedEvent): Reading =>
    event ? { kind: 'faulty', record, error, event } : { kind: 'faulty', record, error }
  const { ce_id: id, ce_type: type, ce_time: time, traceparent } = asHeaders(record.headers)
  if (!id || !type || !time) return faulty('a CloudEvents header is missing: ce_id, ce_type or ce_time')
  if (Number.isNaN(Date.parse(time))) return faulty(`ce_time is no time: ${time.slice(0, 100)}`)
  if (!isUuid(id)) return faulty(`ce_id is no UUID: ${id.slice(0, 100)}`)
  const definition = table.known.get(type)
  if (!definition) return faulty(`nobody defined an event ${type.slice(0, 100)}`)
  if (definition.topic.name !== record.topic) return faulty(`${type} does not belong on ${record.topic}`)
  const handler = table.handlers.get(type)
  if (!handler) return { kind: 'passed' }
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
  const fault = faultIn(handler.event, data)
  return fault ? faulty(fault, event) : { kind: 'consumable', record, event, handler }
}

export type Consumable = Extract<Reading, { kind: 'consumable' }>

/**
 * Groups events by type into as few calls as the order of each key allows: an event joins an earlier group of its
 * type unless one of its key came after that group.
 */
export function inGroups(consumed: readonly Consumable[]): { handler: EventHandler; events: ConsumedEvent[] }[] {
  const groups: { handler: EventHandler; events: ConsumedEvent[] }[] = []
  const lastGroupOfType = new Map<string, number>()
  const lastGroupOfKey = new Map<string, number>()
  for (const { event, handler } of consumed) {
    let index = lastGroupOfType.get(event.type)
    if (index === undefined || index < (lastGroupOfKey.get(event.key) ?? -1)) {
      index = groups.push({ handler, events: [] }) - 1
      lastGroupOfType.set(event.type, index)
    }
    groups[index]!.events.push(event)
    lastGroupOfKey.set(event.key, index)
  }
  return groups
}
