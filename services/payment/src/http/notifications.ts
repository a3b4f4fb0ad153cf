import { addToLog, type Logger, type LogIds } from '@mart/service-kit/logger'
import {
  msSince,
  SpanKind,
  type SpanStarter,
  type StartedSpan,
  startSpan,
  traceparentFor,
} from '@mart/service-kit/tracing'
import type { ProviderEvent, TracedPayment } from '../provider-news.ts'

/** Makes what a provider tells a step of its order's story: a provider knows no traces, the attempt does. */
export function followNotification(
  { tracer, logger }: { readonly tracer: SpanStarter; readonly logger: Logger },
  { provider, type, id }: Pick<ProviderEvent, 'provider' | 'type' | 'id'>,
) {
  let step: { readonly span: StartedSpan; readonly ids: LogIds } | undefined
  const name = `${provider} told ${type}`
  const request = traceparentFor('')
  return {
    trace({ order_id, payment_id, traceparent }: TracedPayment): string {
      step ??= {
        span: startSpan(tracer, {
          name,
          kind: SpanKind.CONSUMER,
          parent: traceparent ?? request,
          link: request,
          attributes: { 'order.id': order_id, 'mart.payment_id': payment_id },
        }),
        ids: { order_id, payment_id },
      }
      return step.span.traceparent
    },
    /** Once it is committed. */
    end(): void {
      if (!step) return
      const { span, ids } = step
      span.span.end()
      addToLog(ids)
      logger.info({ ...ids, ...span.ids, provider_event: id, ms: msSince(span) }, name)
    },
  }
}
