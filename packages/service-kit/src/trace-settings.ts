import { type Static, Type } from 'typebox'

const url = { pattern: '^https?://[^/\\s]+', 'x-must': 'must be an http:// or https:// address' }
const protocol = Type.Enum(['http/protobuf'], {
  'x-must': 'must be http/protobuf, which collectors take at port 4318: neither grpc nor http/json is spoken here',
})

/**
 * OpenTelemetry's own names and defaults (opentelemetry.io/docs/specs/otel/configuration/sdk-environment-variables). What its
 * exporter reads by itself is not here: OTEL_EXPORTER_OTLP_HEADERS, _TIMEOUT, _COMPRESSION and _CERTIFICATE,
 * OTEL_RESOURCE_ATTRIBUTES, OTEL_SERVICE_NAME.
 */
export const traceSettings = {
  /** Where spans are sent; `/v1/traces` follows. Not set: nowhere, and nothing of the SDK is loaded. */
  OTEL_EXPORTER_OTLP_ENDPOINT: Type.Optional(Type.String(url)),
  /** The same with its path. */
  OTEL_EXPORTER_OTLP_TRACES_ENDPOINT: Type.Optional(Type.String(url)),
  OTEL_EXPORTER_OTLP_PROTOCOL: Type.Optional(protocol),
  OTEL_EXPORTER_OTLP_TRACES_PROTOCOL: Type.Optional(protocol),
  OTEL_SDK_DISABLED: Type.Enum(['true', 'false'], { default: 'false' }),
  OTEL_TRACES_EXPORTER: Type.Enum(['otlp', 'none'], { default: 'otlp' }),
  OTEL_TRACES_SAMPLER: Type.Enum(
    [
      'always_on',
      'always_off',
      'traceidratio',
      'parentbased_always_on',
      'parentbased_always_off',
      'parentbased_traceidratio',
    ],
    { default: 'parentbased_always_on' },
  ),
  OTEL_TRACES_SAMPLER_ARG: Type.Number({ minimum: 0, maximum: 1, default: 1 }),
  OTEL_BSP_SCHEDULE_DELAY: Type.Integer({ minimum: 10, maximum: 600_000, default: 5_000 }),
  OTEL_BSP_EXPORT_TIMEOUT: Type.Integer({ minimum: 10, maximum: 600_000, default: 30_000 }),
  /** Spans that wait; while there are as many, further ones are dropped. */
  OTEL_BSP_MAX_QUEUE_SIZE: Type.Integer({ minimum: 1, maximum: 100_000, default: 2_048 }),
  OTEL_BSP_MAX_EXPORT_BATCH_SIZE: Type.Integer({ minimum: 1, maximum: 100_000, default: 512 }),
}

export type TraceSettings = Static<ReturnType<typeof Type.Object<typeof traceSettings>>>

/** What can never work, a line each. */
export const traceProblems = (given: Partial<TraceSettings>): string[] =>
  (given.OTEL_BSP_MAX_EXPORT_BATCH_SIZE ?? 0) > (given.OTEL_BSP_MAX_QUEUE_SIZE ?? Number.POSITIVE_INFINITY)
    ? ['OTEL_BSP_MAX_EXPORT_BATCH_SIZE: must not be more than OTEL_BSP_MAX_QUEUE_SIZE']
    : []

/** Where spans go; null: nowhere. */
export function tracesUrl(settings: TraceSettings): string | null {
  const { OTEL_EXPORTER_OTLP_ENDPOINT: base, OTEL_EXPORTER_OTLP_TRACES_ENDPOINT: own } = settings
  if (settings.OTEL_SDK_DISABLED === 'true' || settings.OTEL_TRACES_EXPORTER === 'none') return null
  return own ?? (base ? `${base.replace(/\/$/, '')}/v1/traces` : null)
}
