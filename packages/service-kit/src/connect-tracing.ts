import { record } from './instruments.ts'
import type { Logger } from './logger.ts'
import type { TraceExport } from './trace-export.ts'
import { type TraceSettings, tracesUrl } from './trace-settings.ts'
import { idsOnly, type SpanOutcome, traceSpans } from './tracing.ts'

/**
 * Where spans go: to the collector that the settings name, whose SDK is loaded only then, or nowhere but for their ids. What
 * becomes of them is recorded for `owner`, which has registered `traceSpans`.
 */
export async function connectTracing(
  name: string,
  settings: TraceSettings,
  { logger, owner }: { readonly logger: Logger; readonly owner: object },
): Promise<TraceExport> {
  const url = tracesUrl(settings)
  if (!url) return { tracer: idsOnly, stop: async () => undefined }
  const { exportTraces } = await import('./trace-export.ts')
  const count = (outcome: SpanOutcome, value: number) => record(owner, traceSpans, [{ outcome, value }])
  return exportTraces(url, { name, settings, logger, count })
}
