import { createHmac } from 'node:crypto'
import { type Control, takeOne } from './control.ts'
import { nowS } from './ids.ts'
import type { Delivery, Event } from './objects.ts'
import type { Store } from './store.ts'

export type Deliveries = {
  accept(event: Event): void
  resend(event: Event): void
  /** Goes on with what an earlier run had not delivered. */
  resume(): void
  stop(): void
}

type Options = { store: Store; control: Control; webhookUrl: string; webhookSecret: string }

const RETRY_AFTER_MS = [500, 1000, 2000, 4000, 8000]
const RETRY_LATER_MS = 15_000
const MOST_ATTEMPTS = 240 // about an hour; Stripe goes on for three days
const MOST_AT_ONCE = 32
const TIMEOUT_MS = 10_000
const REORDER_WINDOW_MS = 500

/** The value of `Stripe-Signature` for these very bytes. */
export function signatureHeader(payload: string, { secret, atS }: { secret: string; atS: number }): string {
  return `t=${atS},v1=${createHmac('sha256', secret).update(`${atS}.${payload}`).digest('hex')}`
}

/** An event as the API and the webhooks show it. */
export function renderEvent(store: Store, event: Event) {
  return { ...event, pending_webhooks: store.deliveries.get(event.id)?.state === 'delivered' ? 0 : 1 }
}

/** Sends every event to the webhook until it is answered with 2xx, in the way that the control says. */
export function startDeliveries({ store, control, webhookUrl, webhookSecret }: Options): Deliveries {
  const stopped = new AbortController()
  const timers = new Set<NodeJS.Timeout>()
  const queue: (() => Promise<void>)[] = []
  const held: Event[] = []
  let running = 0

  function after(delayMs: number, act: () => void): void {
    const timer = setTimeout(() => {
      timers.delete(timer)
      act()
    }, delayMs)
    timers.add(timer)
  }

  async function post(event: Event): Promise<string> {
    const payload = JSON.stringify({ ...event, pending_webhooks: 1 }, null, 2)
    const secret = takeOne(control, 'corrupt_signature') ? `${webhookSecret}_wrong` : webhookSecret
    try {
      const answer = await fetch(`${webhookUrl}/stripe`, {
        method: 'POST',
        headers: {
          'content-type': 'application/json; charset=utf-8',
          'stripe-signature': signatureHeader(payload, { secret, atS: nowS() }),
          'user-agent': 'Stripe/1.0 (+https://stripe.com/docs/webhooks)',
        },
        body: payload,
        redirect: 'manual', // a redirect counts as a failure
        signal: AbortSignal.any([stopped.signal, AbortSignal.timeout(TIMEOUT_MS)]),
      })
      await answer.arrayBuffer()
      return String(answer.status)
    } catch (error) {
      return error instanceof Error ? `${error.message} ${String(error.cause ?? '')}`.trim() : String(error)
    }
  }

  async function attempt(event: Event): Promise<void> {
    if (stopped.signal.aborted) return
    if (control.down) return after(500, () => enqueue(event))
    const answers = await Promise.all(Array.from({ length: 1 + control.duplicate }, () => post(event)))
    if (stopped.signal.aborted) return
    const delivery = store.deliveries.get(event.id) ?? newDelivery(event)
    const lastAnswer = answers[0] ?? null
    const attempts = delivery.attempts + 1
    if (lastAnswer?.startsWith('2'))
      return store.deliveries.put({ ...delivery, attempts, lastAnswer, state: 'delivered' })
    const state = attempts < MOST_ATTEMPTS ? 'waiting' : 'given_up'
    store.deliveries.put({ ...delivery, attempts, lastAnswer, state })
    if (state === 'waiting') after(RETRY_AFTER_MS[attempts - 1] ?? RETRY_LATER_MS, () => enqueue(event))
  }

  function enqueue(event: Event): void {
    queue.push(() => attempt(event))
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

  function hold(event: Event): void {
    held.push(event)
    if (held.length > 1) return
    after(REORDER_WINDOW_MS, () => {
      const reversed = held.splice(0).reverse()
      queue.push(async () => {
        for (const one of reversed) await attempt(one)
      })
      next()
    })
  }

  function send(event: Event): void {
    store.deliveries.put(newDelivery(event))
    after(control.delay_ms, () => (control.reorder ? hold(event) : enqueue(event)))
  }

  return {
    accept(event) {
      if (takeOne(control, 'drop')) store.deliveries.put({ ...newDelivery(event), state: 'dropped' })
      else send(event)
    },
    resend(event) {
      store.deliveries.put(newDelivery(event))
      enqueue(event)
    },
    resume() {
      for (const { id, state } of store.deliveries.all()) {
        const event = store.events.get(id)
        if (event && state === 'waiting') send(event)
      }
    },
    stop() {
      stopped.abort()
      for (const timer of timers) clearTimeout(timer)
    },
  }
}

function newDelivery(event: Event): Delivery {
  return { id: event.id, attempts: 0, state: 'waiting', lastAnswer: null }
}
