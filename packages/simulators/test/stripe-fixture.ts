import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import type { TestContext } from 'node:test'
import Stripe from 'stripe'
import { type StripeSimulatorOptions, startStripeSimulator } from '../src/stripe/main.ts'

export const apiKey = 'sk_test_simulated_key_0001'
export const webhookSecret = 'whsec_simulated_secret'

/** A webhook endpoint that verifies with the SDK and keeps what arrived, refused signatures counted apart. */
export async function startReceiver(t: TestContext) {
  const events: Stripe.Event[] = []
  const receiver = { url: '', events, refused: 0, answerWith: 200 }
  const server = createServer(async (request, response) => {
    const chunks: Buffer[] = []
    for await (const chunk of request) chunks.push(chunk)
    try {
      const signature = request.headers['stripe-signature'] ?? ''
      const event = sdk('http://127.0.0.1:1').webhooks.constructEvent(Buffer.concat(chunks), signature, webhookSecret)
      if (receiver.answerWith === 200) events.push(event)
      response.writeHead(receiver.answerWith).end()
    } catch {
      receiver.refused++
      response.writeHead(400).end()
    }
  })
  await new Promise<void>((listening) => server.listen(0, '127.0.0.1', listening))
  t.after(() => server.close())
  receiver.url = `http://127.0.0.1:${(server.address() as AddressInfo).port}/webhooks`
  return receiver
}

export async function startFixture(t: TestContext, options: Partial<StripeSimulatorOptions> = {}) {
  const receiver = await startReceiver(t)
  const start = () =>
    startStripeSimulator({
      port: 0,
      host: '127.0.0.1',
      apiKey,
      webhookSecret,
      webhookUrl: receiver.url,
      ...options,
    })
  const simulator = await start()
  t.after(() => simulator.stop())
  const { url } = simulator
  return {
    url,
    stop: simulator.stop,
    restart: async () => {
      await simulator.stop()
      const again = await start()
      t.after(() => again.stop())
      return { url: again.url, stripe: sdk(again.url) }
    },
    receiver,
    stripe: sdk(url),
    control: (wanted: object) => send(`${url}/control`, { method: 'PUT', json: wanted }),
    types: () => receiver.events.map((event) => event.type as string).sort(),
  }
}

export function sdk(url: string, key = apiKey) {
  const { hostname, port } = new URL(url)
  return new Stripe(key, { host: hostname, port, protocol: 'http', telemetry: false, maxNetworkRetries: 0 })
}

export function sessionOf(amount: number, currency = 'pkr') {
  return {
    mode: 'payment',
    client_reference_id: 'attempt-1',
    metadata: { order_id: 'order-1' },
    payment_intent_data: { metadata: { order_id: 'order-1' } },
    line_items: [{ quantity: 1, price_data: { currency, unit_amount: amount, product_data: { name: 'Tea <450 g>' } } }],
    success_url: 'http://127.0.0.1:9/return?session_id={CHECKOUT_SESSION_ID}',
    cancel_url: 'http://127.0.0.1:9/cart',
  } satisfies Stripe.Checkout.SessionCreateParams
}

/** What a browser does with a form of the hosted page. */
export function submit(address: string, form: Record<string, string> = {}) {
  return fetch(address, { method: 'POST', body: new URLSearchParams(form), redirect: 'manual' })
}

export async function send(address: string, { method = 'POST', json = {} }: { method?: string; json?: object } = {}) {
  const answer = await fetch(address, {
    method,
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify(json),
  })
  return { status: answer.status, body: (await answer.json()) as Record<string, unknown> }
}

export async function until(what: string, check: () => boolean, timeoutMs = 5000): Promise<void> {
  const end = Date.now() + timeoutMs
  while (!check()) {
    if (Date.now() > end) throw new Error(`Waited ${timeoutMs} ms in vain: ${what}`)
    await new Promise((passed) => setTimeout(passed, 10))
  }
}
