import { setTimeout as sleep } from 'node:timers/promises'
import { createNoopMeter, type Meter, type MeterProvider } from '@opentelemetry/api'
import { OTLPTraceExporter } from '@opentelemetry/exporter-trace-otlp-proto'
import { defaultResource, detectResources, envDetector, resourceFromAttributes } from '@opentelemetry/resources'
import {
  AlwaysOffSampler,
  AlwaysOnSampler,
  BatchSpanProcessor,
  ParentBasedSampler,
  type Sampler,
  type SpanExporter,
  TraceIdRatioBasedSampler,
  TracerProvider,
} from '@opentelemetry/sdk-trace'
import { type Logger, logContext } from './logger.ts'
import type { TraceSettings } from './trace-settings.ts'
import type { SpanOutcome, SpanStarter } from './tracing.ts'

/** How long the end of a service waits for a collector to take the last spans. */
const LAST_SPANS_MS = 2_000
const REPEATED_MS = 60_000

export interface TraceExport {
  readonly tracer: SpanStarter
  /** Sends what waits, within 2 s. */
  readonly stop: () => Promise<void>
}

export interface TraceExportOptions {
  readonly name: string
  readonly settings: TraceSettings
  readonly logger: Logger
  /** Told what has become of spans. */
  readonly count: (outcome: SpanOutcome, spans: number) => void
}

/** OpenTelemetry's SDK, loaded only where spans are sent. A collector that is away costs its spans and nothing else. */
export function exportTraces(url: string, { name, settings, logger, count }: TraceExportOptions): TraceExport {
  const provider = new TracerProvider({
    resource: defaultResource()
      .merge(resourceFromAttributes({ 'service.name': name }))
      .merge(detectResources({ detectors: [envDetector] })),
    sampler: samplerOf(settings),
    spanProcessors: [
      new BatchSpanProcessor({
        exporter: telling(new OTLPTraceExporter({ url }), logger),
        scheduledDelayMillis: settings.OTEL_BSP_SCHEDULE_DELAY,
        exportTimeoutMillis: settings.OTEL_BSP_EXPORT_TIMEOUT,
        maxQueueSize: settings.OTEL_BSP_MAX_QUEUE_SIZE,
        maxExportBatchSize: settings.OTEL_BSP_MAX_EXPORT_BATCH_SIZE,
        selfObsMeterProvider: meterOfOutcomes(count),
      }),
    ],
  })
  return {
    tracer: provider.getTracer('mart'),
    async stop() {
      const stopped = provider.shutdown().catch(() => undefined)
      await Promise.race([stopped, sleep(LAST_SPANS_MS, undefined, { ref: false })])
    },
  }
}

/** The SDK drops in silence: only to a meter does it say what has become of spans. */
function meterOfOutcomes(count: TraceExportOptions['count']): MeterProvider {
  const counter: ReturnType<Meter['createCounter']> = {
    add(spans, attributes) {
      const error = attributes?.['error.type']
      count(error === undefined ? 'sent' : error === 'queue_full' ? 'dropped' : 'not_taken', spans)
    },
  }
  const meter: Meter = Object.create(createNoopMeter(), { createCounter: { value: () => counter } })
  return { getMeter: () => meter }
}

function samplerOf({ OTEL_TRACES_SAMPLER: name, OTEL_TRACES_SAMPLER_ARG: ratio }: TraceSettings): Sampler {
  const root = name.endsWith('always_on')
    ? new AlwaysOnSampler()
    : name.endsWith('always_off')
      ? new AlwaysOffSampler()
      : new TraceIdRatioBasedSampler(ratio)
  return name.startsWith('parentbased_') ? new ParentBasedSampler({ root }) : root
}

/** Says, once a minute at most, that spans are not taken: the SDK itself says nothing. */
function telling(exporter: SpanExporter, logger: Logger): SpanExporter {
  let saidAt = Number.NEGATIVE_INFINITY
  return {
    export(spans, done) {
      exporter.export(spans, (result) => {
        if (result.error && performance.now() - saidAt > REPEATED_MS) {
          saidAt = performance.now()
          logContext.run({}, () => logger.warn({ err: result.error, spans: spans.length }, 'spans were not taken'))
        }
        done(result)
      })
    },
    shutdown: () => exporter.shutdown(),
  }
}
