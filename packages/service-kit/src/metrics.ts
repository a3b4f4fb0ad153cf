import { Counter, collectDefaultMetrics, Gauge, Histogram, Registry } from 'prom-client'
import { answerWithin } from './answer-within.ts'

/** A scraper waits for 10 s, and then takes a service for dead whose database alone is. */
const PATIENCE_MS = 2_000
/** How the HELP of a gauge ends that every replica tells alike: whoever reads it takes one of them, and never sums. */
export const SHARED = 'Every replica tells the same.'

export interface Metrics {
  readonly registry: Registry
  readonly httpDuration: Histogram<'method' | 'route' | 'status'>
  /** 0 for each route from the start: the first failure would be no increase else, and a burst of them not seen. */
  readonly httpFailures: Counter<'method' | 'route'>
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
  const httpFailures = new Counter({
    name: 'http_request_failures_total',
    help: 'Requests that were answered by an error of ours: a status of 500 and above',
    labelNames: ['method', 'route'] as const,
    registers: [registry],
  })
  return { registry, httpDuration, httpFailures }
}

/** Gauges that are read together. */
export interface Gauges<Name extends string = string> {
  /** The HELP of each, and its label when it has one. */
  readonly gauges: Readonly<Record<Name, { readonly help: string; readonly label?: string }>>
  /** They are rows of the database, which all replicas look at. */
  readonly shared?: true
  /** Asked at most once a scrape; a number, or numbers by the values of the label. */
  readonly read: () => Promise<Readonly<Record<Name, number | Readonly<Record<string, number>>>>>
}

/** So that the names that are read are those that are told. */
export const defineGauges = <Name extends string>(gauges: Gauges<Name>): Gauges => gauges as unknown as Gauges

/**
 * Tells gauges when somebody scrapes. However many scrape, one reading is under way. When it fails, or takes longer than 2 s,
 * a gauge is NaN, one with a label has no lines, and `failing` is told. Returns what waits for the reading under way.
 */
export function measure(
  { registry }: Metrics,
  { gauges, read, shared }: Gauges,
  failing?: { readonly name: string; readonly help: string },
): () => Promise<unknown> {
  let underWay: Promise<Awaited<ReturnType<typeof read>>> | null = null
  const readOnce = () => {
    underWay ??= read().finally(() => {
      underWay = null
    })
    return answerWithin(underWay, PATIENCE_MS)
  }
  for (const [name, { help, label }] of Object.entries(gauges)) {
    new Gauge({
      name,
      help: shared ? `${help}. ${SHARED}` : help,
      labelNames: label === undefined ? [] : [label],
      registers: [registry],
      async collect() {
        const value = (await readOnce())?.[name]
        if (label === undefined) return this.set(typeof value === 'number' ? value : Number.NaN)
        this.reset()
        for (const [of, one] of Object.entries(value ?? {})) this.set({ [label]: of }, one)
      },
    })
  }
  if (failing)
    new Gauge({
      ...failing,
      registers: [registry],
      async collect() {
        this.set((await readOnce()) === null ? 1 : 0)
      },
    })
  return readOnce
}
