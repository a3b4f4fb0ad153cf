import { eventDelay } from './event-metrics.ts'
import type { Consumable, ConsumedEvent } from './handlers.ts'
import { record } from './instruments.ts'
import { carried, type LogContext, type Logger, type LogIds } from './logger.ts'
import { orderIdIn } from './outbox.ts'
import type { Database } from './postgres.ts'
import { contextOf, idsOnly, msSince, SpanKind, type SpanStarter, type StartedSpan, startSpan } from './tracing.ts'

/** An event that is being consumed. */
export interface Followed {
  readonly event: ConsumedEvent
  readonly span: StartedSpan
  readonly ids: LogIds
}

const idsOf = ({ id, type, data }: ConsumedEvent): LogIds => {
  const orderId = orderIdIn(data)
  const { payment_id } = data as { readonly payment_id?: unknown }
  return {
    event_id: id,
    event_type: type,
    ...(orderId !== undefined && { order_id: orderId }),
    ...(typeof payment_id === 'string' && { payment_id }),
  }
}

/** Of the line about a try that failed: a step of its own in the event's trace. */
export const idsOfFailed = (event: ConsumedEvent): LogIds => ({
  ...idsOf(event),
  ...startSpan(idsOnly, { name: '', parent: event.traceparent }).ids,
})

/** Its own span, even where it is consumed together with others. */
export function follow(event: ConsumedEvent, tracer: SpanStarter, ofBatch: number): Followed {
  const ids = idsOf(event)
  const span = startSpan(tracer, { name: `consume ${event.type}`, kind: SpanKind.CONSUMER, parent: event.traceparent })
  if (span.span.isRecording()) {
    span.span.setAttributes({
      'messaging.destination.name': event.topic,
      'messaging.message.id': event.id,
      'messaging.batch.message_count': ofBatch,
      'mart.waited_ms': waitedMs(event, span),
      ...(ids.order_id && { 'order.id': ids.order_id }),
    })
  }
  return { event, span, ids }
}

/** From its publication to now: in the outbox, in the log, and in the queue of its partition. */
const waitedMs = ({ at }: ConsumedEvent, { startedAt }: StartedSpan): number => Math.max(0, startedAt - at.getTime())

/** What the lines and events carry while these are consumed together. */
export function contextOfAll(followed: readonly Followed[]): LogContext {
  const [first] = followed
  if (followed.length === 1 && first) return contextOf(first.span, first.ids)
  return {
    ...(first && { event_type: first.event.type }),
    [carried]: {
      byKey: new Map(followed.map(({ event, span }) => [event.key, span.traceparent])),
      ofEvent: new Map(followed.map(({ event, span, ids }) => [event.id, contextOf(span, ids)])),
    },
  }
}

/** The line about an event whose transaction is committed. */
export function noteConsumed({ event, span, ids }: Followed, logger: Logger): void {
  span.span.end()
  if (!logger.isLevelEnabled('info')) return
  const times = { ms: msSince(span), waited_ms: waitedMs(event, span) }
  logger.info({ ...ids, ...span.ids, ...times }, `consumed ${event.type}`)
}

/** How long they waited, in the metrics of the service on `db`. */
export function recordDelays(db: Database, consumed: readonly Consumable[]): void {
  const now = Date.now()
  const delays = consumed.map(({ event: { type, at } }) => ({
    event_type: type,
    value: Math.max(0, now - at.getTime()) / 1_000,
  }))
  record(db, eventDelay, delays)
}
