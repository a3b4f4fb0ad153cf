import { Counter, Histogram } from 'prom-client'
import type { Metrics } from './metrics.ts'

/** What is counted, or how long it took, while a service works. Its labels take few values: never an id, never a free text. */
export interface Instrument<Label extends string = string> {
  readonly name: string
  readonly help: string
  readonly labels: readonly Label[]
  /** Upper bounds make it a histogram; a counter has none. */
  readonly buckets?: readonly number[]
  /** What a counter tells as 0 from the start: else the first one counted would be no increase to whoever asks. */
  readonly zeros?: readonly Readonly<Record<Label, string>>[]
}

/** What happened once, or `value` times; of a histogram, the value observed. */
export type Measurement<Label extends string> = Readonly<Record<Label, string>> & { readonly value?: number }

export const defineInstrument = <const Label extends string>(instrument: Instrument<Label>): Instrument<Label> =>
  instrument

const told = new WeakMap<object, Map<string, Counter | Histogram>>()

/** Makes `/metrics` tell these instruments. What is recorded for `owner`, a service's database, is theirs from then on. */
export function registerInstruments(owner: object, { registry }: Metrics, instruments: readonly Instrument[]): void {
  const known = told.get(owner) ?? new Map<string, Counter | Histogram>()
  for (const { name, help, labels, buckets, zeros = [] } of instruments) {
    const settings = { name, help, labelNames: [...labels], registers: [registry] }
    const metric = buckets ? new Histogram({ ...settings, buckets: [...buckets] }) : new Counter(settings)
    if (metric instanceof Counter) for (const zero of zeros) metric.inc(zero, 0)
    known.set(name, metric)
  }
  told.set(owner, known)
}

/**
 * Records what happened, in company or alone, in the instruments of `owner`, a service's database. Inside a transaction by
 * `onceCommitted(tx, (db) => record(db, …))`: a handler is run again after a rollback.
 */
export function record<Label extends string>(
  owner: object,
  { name, labels }: Instrument<Label>,
  measurements: readonly Measurement<Label>[],
): void {
  const metric = told.get(owner)?.get(name)
  if (!metric) return
  if (metric instanceof Histogram) {
    for (const { value, ...rest } of measurements) if (value !== undefined) metric.observe(rest, value)
    return
  }
  const sums = new Map<string, { rest: Record<string, string>; sum: number }>()
  for (const { value = 1, ...rest } of measurements) {
    const key = labels.map((label) => (rest as Record<string, string>)[label]).join(' ')
    const known = sums.get(key)
    if (known) known.sum += value
    else sums.set(key, { rest, sum: value })
  }
  for (const { rest, sum } of sums.values()) metric.inc(rest, sum)
}
