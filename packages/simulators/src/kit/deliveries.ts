import { type CommonControl, takeOne } from './control.ts'
import type { Table } from './tables.ts'

/** What became of a notification. */
export type Delivery = {
  id: string
  attempts: number
  state: 'waiting' | 'delivered' | 'dropped' | 'given_up'
  lastAnswer: string | null
}

export type Deliveries = {
  accept(id: string): void
  resend(id: string): void
  /** Goes on with what an earlier run had not delivered. */
  resume(): void
  stop(): void
}

type Options = {
  control: Pick<CommonControl, 'duplicate' | 'reorder' | 'delay_ms' | 'drop' | 'down'>
  records: Table<Delivery>
  /** What to send; undefined when there is nothing of that id any more. */
  request: (id: string) => { address: string; init: RequestInit } | undefined
  /** When to try again after that many attempts; undefined: not at all. */
  retryAfterMs: (attempts: number) => number | undefined
}

const MOST_AT_ONCE = 32
const TIMEOUT_MS = 10_000
const REORDER_WINDOW_MS = 500

/** Sends every notification until it is answered with 2xx or given up, in the way that the control says. */
export function startDeliveries({ control, records, request, retryAfterMs }: Options): Deliveries {
  const stopped = new AbortController()
  const timers = new Set<NodeJS.Timeout>()
  const queue: (() => Promise<void>)[] = []
  const held: string[] = []
  let running = 0

  function after(delayMs: number, act: () => void): void {
    const timer = setTimeout(() => {
      timers.delete(timer)
      act()
    }, delayMs)
    timers.add(timer)
  }

  async function post(id: string): Promise<string> {
    const message = request(id)
    if (!message) return 'nothing to send'
    const signal = AbortSignal.any([stopped.signal, AbortSignal.timeout(TIMEOUT_MS)])
    try {
      // A redirect counts as a failure.
      const answer = await fetch(message.address, { ...message.init, redirect: 'manual', signal })
      await answer.arrayBuffer()
      return String(answer.status)
    } catch (error) {
      return error instanceof Error ? `${error.message} ${String(error.cause ?? '')}`.trim() : String(error)
    }
  }

  async function attempt(id: string): Promise<void> {
    if (stopped.signal.aborted) return
    if (control.down) return after(500, () => enqueue(id))
    const answers = await Promise.all(Array.from({ length: 1 + control.duplicate }, () => post(id)))
    if (stopped.signal.aborted) return
    const lastAnswer = answers[0] ?? null
    const attempts = (records.get(id)?.attempts ?? 0) + 1
    if (lastAnswer?.startsWith('2')) return records.put({ id, attempts, lastAnswer, state: 'delivered' })
    const againMs = retryAfterMs(attempts)
    records.put({ id, attempts, lastAnswer, state: againMs === undefined ? 'given_up' : 'waiting' })
    if (againMs !== undefined) after(againMs, () => enqueue(id))
  }

  function enqueue(id: string): void {
    queue.push(() => attempt(id))
    next()
  }

  function next(): void {
    const work = running < MOST_AT_ONCE ? queue.shift() : undefined
    if (!work) return
    running++
    void work().finally(() => {
      running--
      next()
    })
  }

  function hold(id: string): void {
    held.push(id)
    if (held.length > 1) return
    after(REORDER_WINDOW_MS, () => {
      const reversed = held.splice(0).reverse()
      queue.push(async () => {
        for (const one of reversed) await attempt(one)
      })
      next()
    })
  }

  function send(id: string): void {
    records.put(newDelivery(id))
    after(control.delay_ms, () => (control.reorder ? hold(id) : enqueue(id)))
  }

  return {
    accept(id) {
      if (takeOne(control, 'drop')) records.put({ ...newDelivery(id), state: 'dropped' })
      else send(id)
    },
    resend(id) {
      records.put(newDelivery(id))
      enqueue(id)
    },
    resume() {
      for (const { id, state } of records.all()) if (state === 'waiting') send(id)
    },
    stop() {
      stopped.abort()
      for (const timer of timers) clearTimeout(timer)
    },
  }
}

const newDelivery = (id: string): Delivery => ({ id, attempts: 0, state: 'waiting', lastAnswer: null })
