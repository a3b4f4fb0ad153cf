import { backoffMs } from './backoff.ts'
import { carried, type Logger, logContext } from './logger.ts'
import { idsOnly, msSince, type SpanStarter, type StartedSpan, startSpan } from './tracing.ts'
import { createWakeUp } from './wake-up.ts'

const BACKOFF = { firstMs: 400, mostMs: 30_000 }

export interface Work {
  readonly name: string
  readonly everyMs: number
  /** Does what is due; returning `true` says that there may be more, so it is called again at once. */
  readonly run: (signal: AbortSignal) => Promise<unknown>
  /** Hands out how to call it before its time, for work that has just been written down. */
  readonly onReady?: (wake: () => void) => void
  /** Waits for what a run has left under way, once no run comes any more. */
  readonly onStopped?: () => Promise<unknown>
}

export interface Worker {
  readonly name: string
  readonly stop: () => Promise<void>
}

/**
 * Runs timed work for ever, one run at a time; a run that throws is logged and tried again with backoff. What a run publishes
 * of its own accord begins a trace for each key.
 */
export function startWorker(work: Work, logger: Logger, tracer: SpanStarter = idsOnly): Worker {
  const stopping = new AbortController()
  const wakeUp = createWakeUp()
  work.onReady?.(wakeUp.wake)
  const run = async () => {
    let failures = 0
    while (!stopping.signal.aborted) {
      let pauseMs = work.everyMs
      try {
        if ((await followed(work, { logger, tracer }, stopping.signal)) === true) pauseMs = 0
        failures = 0
      } catch (error) {
        if (stopping.signal.aborted) return
        pauseMs = backoffMs(failures++, BACKOFF)
        logger.error({ err: error, work: work.name, retry_in_ms: pauseMs }, 'timed work failed')
      }
      if (pauseMs > 0 && !stopping.signal.aborted) await wakeUp.wait(pauseMs)
    }
  }
  const ended = run()
  return {
    name: work.name,
    async stop() {
      stopping.abort()
      wakeUp.wake()
      await ended
      await work.onStopped?.()
    },
  }
}

/** Runs the work once. What it has begun for an order is a line. */
async function followed(
  { name, run }: Work,
  { logger, tracer }: { logger: Logger; tracer: SpanStarter },
  signal: AbortSignal,
): Promise<unknown> {
  const begun = new Map<string, { readonly span: StartedSpan; readonly orderId: string | undefined }>()
  const begin = (key: string, orderId: string | undefined) => {
    const known = begun.get(key) ?? { span: startSpan(tracer, { name }), orderId }
    begun.set(key, known)
    return known.span.traceparent
  }
  const { ids } = startSpan(idsOnly, { name })
  const result = await logContext.run({ ...ids, [carried]: { begin } }, () => run(signal))
  for (const { span, orderId } of begun.values()) {
    span.span.end()
    if (orderId) logger.info({ order_id: orderId, ...span.ids, ms: msSince(span) }, `timed work: ${name}`)
  }
  return result
}
