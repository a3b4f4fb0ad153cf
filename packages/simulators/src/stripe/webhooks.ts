import { createHmac } from 'node:crypto'
import { takeOne } from '../kit/control.ts'
import { type Deliveries, startDeliveries } from '../kit/deliveries.ts'
import { nowS } from '../kit/ids.ts'
import type { Control } from './control.ts'
import type { Event } from './objects.ts'
import type { Store } from './store.ts'

const RETRY_AFTER_MS = [500, 1000, 2000, 4000, 8000]
const RETRY_LATER_MS = 15_000
const MOST_ATTEMPTS = 240 // about an hour; Stripe goes on for three days

/** The value of `Stripe-Signature` for these very bytes, with a signature by each of the comma-separated secrets. */
export function signatureHeader(payload: string, { secret, atS }: { secret: string; atS: number }): string {
  const sign = (one: string) => `,v1=${createHmac('sha256', one.trim()).update(`${atS}.${payload}`).digest('hex')}`
  return `t=${atS}${secret.split(',').map(sign).join('')}`
}

/** An event as the API and the webhooks show it. */
export function renderEvent(store: Store, event: Event) {
  return { ...event, pending_webhooks: store.deliveries.get(event.id)?.state === 'delivered' ? 0 : 1 }
}

/** What the webhook's secret is from now on; Stripe signs with old and new while it is rolled over. */
export type Webhooks = { deliveries: Deliveries; rollOver(secret: string): void }

type Options = { store: Store; control: Control; webhookUrl: string; webhookSecret: string }

/** Sends every event to the webhook until it is answered with 2xx. */
export function startWebhooks({ store, control, webhookUrl, webhookSecret }: Options): Webhooks {
  let current = webhookSecret
  const request = (id: string) => {
    const event = store.events.get(id)
    if (!event) return undefined
    const body = JSON.stringify({ ...event, pending_webhooks: 1 }, null, 2)
    const secret = takeOne(control, 'corrupt_signature') ? 'whsec_wrong' : current
    const headers = {
      'content-type': 'application/json; charset=utf-8',
      'stripe-signature': signatureHeader(body, { secret, atS: nowS() }),
      'user-agent': 'Stripe/1.0 (+https://stripe.com/docs/webhooks)',
    }
    return { address: `${webhookUrl}/stripe`, init: { method: 'POST', headers, body } }
  }
  const retryAfterMs = (attempts: number) =>
    attempts < MOST_ATTEMPTS ? (RETRY_AFTER_MS[attempts - 1] ?? RETRY_LATER_MS) : undefined
  return {
    deliveries: startDeliveries({ control, records: store.deliveries, request, retryAfterMs }),
    rollOver(secret) {
      current = secret
    },
  }
}
