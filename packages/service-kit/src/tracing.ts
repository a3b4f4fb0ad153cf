import { randomFillSync } from 'node:crypto'
import {
  type Attributes,
  type Link,
  ROOT_CONTEXT,
  type Span,
  SpanKind,
  SpanStatusCode,
  TraceFlags,
  type Tracer,
  trace,
} from '@opentelemetry/api'
import { defineInstrument } from './instruments.ts'
import { carried, type LogContext, type LogIds, logContext } from './logger.ts'

export { SpanKind } from '@opentelemetry/api'

/** What begins spans: the SDK's tracer where spans are exported, else `idsOnly`. */
export type SpanStarter = Pick<Tracer, 'startSpan'>

const outcomes = ['sent', 'not_taken', 'dropped'] as const
export type SpanOutcome = (typeof outcomes)[number]

export const traceSpans = defineInstrument({
  name: 'trace_spans_total',
  help: 'Spans that were to be sent: those that were, that the collector did not take, that were dropped as too many waited',
  labels: ['outcome'],
  zeros: outcomes.map((outcome) => ({ outcome })),
})

/** Makes the ids that log lines and events carry, and records nothing. Whether a caller records is passed on. */
export const idsOnly: SpanStarter = {
  startSpan(_name, _options, context) {
    const parent = context && trace.getSpanContext(context)
    return trace.wrapSpanContext({
      traceId: parent?.traceId ?? randomHex(16),
      spanId: randomHex(8),
      traceFlags: parent?.traceFlags ?? TraceFlags.NONE,
    })
  },
}

const pool = Buffer.allocUnsafe(4_096)
let used = pool.length

function randomHex(bytes: number): string {
  if (used + bytes > pool.length) {
    randomFillSync(pool)
    used = 0
  }
  used += bytes
  return pool.toString('hex', used - bytes, used)
}

export interface SpanWanted {
  readonly name: string
  readonly kind?: SpanKind
  /** A traceparent of W3C Trace Context; what is none, or not given, begins a trace. */
  readonly parent?: string | undefined
  /** The traceparent of another trace that has to do with it. */
  readonly link?: string | undefined
  readonly attributes?: Attributes
}

export interface StartedSpan {
  readonly span: Span
  readonly ids: Pick<LogIds, 'trace_id' | 'span_id' | 'parent_span_id'>
  readonly traceparent: string
  /** In ms since 1970. */
  readonly startedAt: number
}

/** Begins a span; whoever begins it ends it, by `span.end()`. */
export function startSpan(tracer: SpanStarter, wanted: SpanWanted): StartedSpan {
  const parent = spanContextOf(wanted.parent)
  const link = spanContextOf(wanted.link)
  const links: Link[] = link ? [{ context: link }] : []
  const span = tracer.startSpan(
    wanted.name,
    { kind: wanted.kind ?? SpanKind.INTERNAL, links, ...(wanted.attributes && { attributes: wanted.attributes }) },
    parent ? trace.setSpanContext(ROOT_CONTEXT, parent) : ROOT_CONTEXT,
  )
  const { traceId, spanId, traceFlags } = span.spanContext()
  return {
    span,
    ids: { trace_id: traceId, span_id: spanId, ...(parent && { parent_span_id: parent.spanId }) },
    traceparent: `00-${traceId}-${spanId}-${traceFlags & TraceFlags.SAMPLED ? '01' : '00'}`,
    startedAt: Date.now(),
  }
}

function spanContextOf(traceparent: string | undefined) {
  const [, traceId, spanId, flags] = /^00-([0-9a-f]{32})-([0-9a-f]{16})-([0-9a-f]{2})$/.exec(traceparent ?? '') ?? []
  if (!traceId || !spanId || !flags) return undefined
  return { traceId, spanId, traceFlags: Number.parseInt(flags, 16) & TraceFlags.SAMPLED, isRemote: true }
}

/** The span has failed; it ends as any other. */
export function failSpan({ span }: StartedSpan, why: unknown): void {
  span.setStatus({ code: SpanStatusCode.ERROR, message: why instanceof Error ? why.name : String(why) })
}

/** What lines and events of this span carry. */
export const contextOf = ({ ids, traceparent }: StartedSpan, more: LogIds = {}): LogContext => ({
  ...more,
  ...ids,
  [carried]: { traceparent },
})

/** Does a piece of work in a span of its own: its lines and events are this span's. */
export async function inSpan<Result>(
  tracer: SpanStarter,
  wanted: SpanWanted & { readonly ids?: LogIds },
  work: (span: StartedSpan) => Promise<Result>,
): Promise<Result> {
  const started = startSpan(tracer, wanted)
  return await logContext.run(contextOf(started, wanted.ids), async () => {
    try {
      return await work(started)
    } catch (error) {
      failSpan(started, error)
      throw error
    } finally {
      started.span.end()
    }
  })
}

/** Does work whose events belong to several traces, by their keys. */
export function withTraces<Result>(byKey: ReadonlyMap<string, string>, work: () => Promise<Result>): Promise<Result> {
  const context = logContext.getStore()
  return logContext.run({ ...context, [carried]: { ...context?.[carried], byKey } }, work)
}

/** The trace that an event of this key carries on: its cause's, or a new one. */
export function traceparentFor(key: string, orderId?: string): string {
  const { byKey, traceparent, begin } = logContext.getStore()?.[carried] ?? {}
  return byKey?.get(key) ?? traceparent ?? begin?.(key, orderId) ?? startSpan(idsOnly, { name: '' }).traceparent
}

/** Of the request, event or call under way; for what is asked of another service in its course. */
export const currentTraceparent = (): string | undefined => logContext.getStore()?.[carried]?.traceparent

export const msSince = ({ startedAt }: StartedSpan): number => Date.now() - startedAt
