import { Counter, collectDefaultMetrics, Gauge, Histogram, Registry } from 'prom-client'
import type { EventLog } from './event-log.ts'
import { countParked } from './parked.ts'
import type { Database } from './postgres.ts'

export interface Metrics {
  readonly registry: Registry
  readonly httpDuration: Histogram<'method' | 'route' | 'status'>
}

/** Prometheus metrics of a service: of its process and of its HTTP requests. */
export function createMetrics(service: string): Metrics {
  const registry = new Registry()
  registry.setDefaultLabels({ service })
  collectDefaultMetrics({ register: registry })
  const httpDuration = new Histogram({
    name: 'http_request_duration_seconds',
    help: 'Duration of answered requests',
    labelNames: ['method', 'route', 'status'] as const,
    buckets: [0.002, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 10],
    registers: [registry],
  })
  return { registry, httpDuration }
}

/** A counter of the service's own; returns how to count one more for a label. */
export function countPer<Label extends string>(
  { registry }: Metrics,
  { name, help, label }: { name: string; help: string; label: Label },
): (value: string) => void {
  const counter = new Counter({ name, help, labelNames: [label], registers: [registry] })
  return (value) => counter.inc({ [label]: value } as Partial<Record<Label, string>>)
}

/** A gauge that looks when somebody scrapes; NaN when it cannot. */
export function measure(
  { registry }: Metrics,
  { name, help, read }: { name: string; help: string; read: () => Promise<number> },
): void {
  new Gauge({
    name,
    help,
    registers: [registry],
    async collect() {
      this.set(await read().catch(() => Number.NaN))
    },
  })
}

/** Gauges that look into the database and the log when somebody scrapes. */
export function measureEvents(
  metrics: Metrics,
  { db, log, group, topics }: { db: Database; log: EventLog; group: string; topics: readonly string[] },
): void {
  const gauge = (name: string, help: string, read: () => Promise<number>) => measure(metrics, { name, help, read })
  const first = async (rows: Promise<{ value: number }[]>) => (await rows)[0]?.value ?? 0
  gauge('outbox_messages', 'Events committed here that the log does not have yet', () =>
    first(db<{ value: number }[]>`select count(*) as value from outbox`),
  )
  gauge('outbox_oldest_seconds', 'Age of the oldest of them', () =>
    first(
      db<
        { value: number }[]
      >`select coalesce(extract(epoch from now() - min(said_at)), 0)::float8 as value from outbox`,
    ),
  )
  gauge('parked_messages', 'Messages that could not be processed and wait for staff', () => countParked(db))
  gauge('database_connections', 'Connections of this service to its database', () =>
    first(
      db<
        { value: number }[]
      >`select count(*) as value from pg_stat_activity where datname = current_database() and usename = current_user`,
    ),
  )
  if (topics.length === 0) return
  new Gauge({
    name: 'consumer_lag_messages',
    help: 'Events in the log that this service has not heard yet',
    labelNames: ['topic'],
    registers: [metrics.registry],
    async collect() {
      const lags = await log.lag(group, topics).catch(() => [])
      for (const [topic, parts] of Map.groupBy(lags, (lag) => lag.topic)) {
        this.set(
          { topic },
          parts.reduce((sum, part) => sum + part.lag, 0),
        )
      }
    },
  })
}
