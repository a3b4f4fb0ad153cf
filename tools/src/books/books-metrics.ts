import { MartFault } from '@mart/service-kit/fault'
import { Gauge, Registry } from 'prom-client'
import type { Books } from './check-books.ts'

/** The books as metrics, in Prometheus' text form. */
export async function booksMetrics({ hold, orders, findings }: Books): Promise<string> {
  const registry = new Registry()
  const gauge = (name: string, help: string, labelNames: string[] = []) =>
    new Gauge({ name, help, labelNames, registers: [registry] })
  gauge('books_hold', '1 when every promise held as the books were last read').set(hold ? 1 : 0)
  gauge('books_orders', 'Orders that were looked at').set(orders)
  const faults = gauge('books_faults', 'What speaks against a promise', ['promise'])
  for (const { promise, faults: found } of findings) faults.inc({ promise }, found.length)
  return await registry.metrics()
}

const PATIENCE_MS = 10_000

/** Hands metrics to what takes them in this form by POST: VictoriaMetrics, vmagent. Throws MartFault when it does not in time. */
export async function pushMetrics(url: string, metrics: string, patienceMs = PATIENCE_MS): Promise<void> {
  const push = async () => {
    const answer = await fetch(url, { method: 'POST', body: metrics, signal: AbortSignal.timeout(patienceMs) })
    return { ok: answer.ok, status: answer.status, text: await answer.text() }
  }
  const { ok, status, text } = await push().catch((error: Error) => {
    throw new MartFault(`The books were read, but ${url} does not answer: ${causeOf(error)}`)
  })
  if (!ok) throw new MartFault(`The books were read, but ${url} answers ${status}: ${text}`)
}

const causeOf = ({ message, cause }: Error): string => (cause instanceof Error && cause.message) || message
