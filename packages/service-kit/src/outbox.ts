import type { DataOf, EventDefinition, EventToPublish } from '@mart/contracts/events/define-event'
import { faultIn } from './event-schema.ts'
import { newId } from './ids.ts'
import { type Database, onceCommitted, type Queryable, type Transaction } from './postgres.ts'
import { traceparentFor } from './tracing.ts'

const MAX_EVENT_BYTES = 512 * 1024
const MAX_KEY_BYTES = 1_024

/** An event as it will be sent: what `toOutboxEvent` makes of a definition and its data. */
export interface OutboxEvent {
  readonly id: string
  readonly topic: string
  readonly key: string
  readonly value: string
  readonly headers: string
}

/**
 * Turns data into an event to be sent, in the trace of what is under way: before it waits for others to go with, or it would be
 * in theirs. Throws RangeError when it does not fit its schema, is larger than 512 kB, or its key
 * than 1 kB: one row that the log refuses would stop everything behind it.
 */
export function toOutboxEvent<Event extends EventDefinition>(event: Event, data: DataOf<Event>): OutboxEvent {
  const fault = faultIn(event, data)
  if (fault) throw new RangeError(`${event.type} cannot be published: ${fault}`)
  const value = JSON.stringify(data)
  if (value.length > MAX_EVENT_BYTES / 3 && Buffer.byteLength(value) > MAX_EVENT_BYTES) {
    throw new RangeError(`${event.type} cannot be published: it is larger than 512 kB`)
  }
  const id = newId()
  const key = String((data as Record<string, unknown>)[event.key])
  if (Buffer.byteLength(key) > MAX_KEY_BYTES)
    throw new RangeError(`${event.type} cannot be published: its key is larger than 1 kB`)
  return {
    id,
    topic: event.topic.name,
    key,
    value,
    headers: cloudEventHeaders(event, id, traceparentFor(key, orderIdIn(data))),
  }
}

/** Of the order that an event is about, if it says so. */
export function orderIdIn(data: unknown): string | undefined {
  const { order_id } = data as { readonly order_id?: unknown }
  return typeof order_id === 'string' ? order_id : undefined
}

/**
 * Writes events into the outbox in the transaction that makes them true. Lock the row that the key names first: the outbox keeps the
 * order of its rows, so the lock makes that the order of the key's events.
 */
export async function addToOutbox<Event extends EventDefinition>(
  tx: Transaction,
  event: Event,
  ...data: DataOf<Event>[]
): Promise<void> {
  await addAllToOutbox(
    tx,
    data.map((one) => ({ event, data: one })),
  )
}

/** The same for events of several kinds, in the order given. */
export async function addAllToOutbox(tx: Transaction, toPublish: readonly EventToPublish[]): Promise<void> {
  if (toPublish.length === 0) return
  const events = toPublish.map(({ event, data }) => toOutboxEvent(event, data))
  await tx`${outboxInsert(tx, events)}`
  onceCommitted(tx, announceOutbox)
}

/** The insert as a part of a larger statement, for a hot path that writes everything in one; a `where` may follow it. */
export function outboxInsert(sql: Queryable, events: readonly OutboxEvent[]) {
  return sql`
    insert into outbox (topic, key, value, headers)
    select * from unnest(
      ${events.map((event) => event.topic)}::text[], ${events.map((event) => event.key)}::text[],
      ${events.map((event) => event.value)}::text[], ${events.map((event) => event.headers)}::text[])
      as event(topic, key, value, headers)`
}

const wakes = new WeakMap<Database, Set<() => void>>()

/** Wakes the relay of `db` in this process; it looks by itself too, so a lost call costs a fraction of a second. */
export function announceOutbox(db: Database): void {
  for (const wake of wakes.get(db) ?? []) wake()
}

/** Calls `wake` whenever an event was committed into the outbox of `db` by this pool. Returns how to end that. */
export function onOutbox(db: Database, wake: () => void): () => void {
  const known = wakes.get(db) ?? new Set()
  wakes.set(db, known.add(wake))
  return () => known.delete(wake)
}

function cloudEventHeaders(event: EventDefinition, id: string, traceparent: string): string {
  return JSON.stringify({
    ce_specversion: '1.0',
    ce_id: id,
    ce_type: event.type,
    ce_source: `/services/${event.topic.producer}`,
    ce_time: new Date().toISOString(),
    ce_dataschema: `https://ai-mart.example/events/${event.type}/${event.version}`,
    'content-type': 'application/json',
    traceparent,
  })
}
