import { randomUUID } from 'node:crypto'
import { once } from 'node:events'
import { type AddressInfo, createServer } from 'node:net'
import type { DataOf } from '@mart/contracts/events/define-event'
import {
  type OrderCancelled,
  OrderCancelRequested,
  type OrderConfirmed,
  type OrderDelivered,
  OrderPaymentDue,
  type OrderUndelivered,
} from '@mart/contracts/events/order-events'
import type { PaymentMethod } from '@mart/contracts/payment-methods'
import { eventually, startTestService, type TestPerson } from '@mart/service-kit/testing'
import { startStripeSimulator } from '@mart/simulators/stripe/main'
import Stripe from 'stripe'
import { payment } from '../src/main.ts'

export const SECRET = 'whsec_test_secret'
export const API_KEY = 'sk_test_payment'
export const staff: TestPerson = { id: randomUUID(), role: 'staff' }

export const newOrder = (customerId: string | null = randomUUID()) => ({
  order_id: randomUUID() as string,
  number: 'M-100023',
  customer_id: customerId,
  contact: { name: 'Ayesha', email: 'ayesha@example.com', phone: null, language: 'en' },
  payment_method: 'stripe' as PaymentMethod,
  total: { amount: 150_000, currency: 'PKR' },
})
export type TestOrder = ReturnType<typeof newOrder>

const lines = [{ sku: 'TEA', name: 'Tapal Danedar', quantity: 1, unit_price: 125_000 }]
const shipping = { amount: 25_000, currency: 'PKR' }
const now = () => new Date().toISOString()

export const due = (order: TestOrder, attempt = 1, more = {}): DataOf<typeof OrderPaymentDue> => ({
  ...order,
  attempt,
  due_at: new Date(Date.now() + 30 * 60_000).toISOString(),
  lines,
  shipping,
  ...more,
})
export const cancelRequest = (order: TestOrder, if_paid: 'keep' | 'refund'): DataOf<typeof OrderCancelRequested> => ({
  ...order,
  if_paid,
  reason: if_paid === 'keep' ? 'payment_timeout' : 'customer_request',
})
export const confirmed = (order: TestOrder): DataOf<typeof OrderConfirmed> => ({
  ...order,
  lines,
  shipping,
  confirmed_at: now(),
})
export const cancelled = (order: TestOrder): DataOf<typeof OrderCancelled> => ({
  ...order,
  reason: 'out_of_stock',
  missing: [],
  refunding: false,
  cancelled_at: now(),
})
export const delivered = (order: TestOrder, amount: number | null): DataOf<typeof OrderDelivered> => ({
  ...order,
  collected: amount === null ? null : { amount, currency: 'PKR' },
  delivered_at: now(),
})
export const undelivered = (order: TestOrder): DataOf<typeof OrderUndelivered> => ({
  ...order,
  reason: 'nobody at home',
  undelivered_at: now(),
})

export type PaymentService = Awaited<ReturnType<typeof startPaymentService>>

/** The payment service, by itself, with its rows at hand. */
export async function startPaymentService(settings: Record<string, string> = {}) {
  const test = await startTestService(payment, settings)
  const { db } = test.service
  const paymentOf = async ({ order_id }: TestOrder) =>
    (await db`select * from payments where order_id = ${order_id}`)[0]
  return {
    ...test,
    paymentOf,
    attemptsOf: ({ order_id }: TestOrder) => db`
      select a.* from attempts a join payments p on p.id = a.payment_id where p.order_id = ${order_id} order by number`,
    tasksOf: ({ order_id }: TestOrder) => db`select * from refund_tasks where order_id = ${order_id} order by id`,
    refundsOf: ({ order_id }: TestOrder) => db`
      select r.* from refunds r join payments p on p.id = r.payment_id where p.order_id = ${order_id} order by r.id`,
    callsOf: ({ order_id }: TestOrder) => db`
      select c.* from provider_calls c join payments p on p.id = c.payment_id where p.order_id = ${order_id} order by c.id`,
    /** What each account has by this order, in minor units. */
    async ledgerOf({ order_id }: TestOrder): Promise<Record<string, number>> {
      const rows = await db`
        select l.account, sum(l.amount)::bigint as amount from ledger l join payments p on p.id = l.payment_id
        where p.order_id = ${order_id} group by l.account having sum(l.amount) <> 0`
      return Object.fromEntries(rows.map(({ account, amount }) => [account, amount]))
    },
    /** The data of what was said of this order. */
    async saidOf({ order_id }: TestOrder, ...events: Parameters<typeof test.published>[0][]) {
      const all = await Promise.all(events.map((event) => test.published(event)))
      return all.flat().flatMap(({ key, data }) => (key === order_id ? [data as Record<string, unknown>] : []))
    },
    becomes: (order: TestOrder, status: string) =>
      eventually(async () => (await paymentOf(order))?.['status'] === status, `the payment is ${status}`),
  }
}

/** A notification as Stripe would send it, signed now with our secret unless said otherwise. */
export function notification(
  type: string,
  object: object,
  { id = `evt_${randomUUID()}`, secret = SECRET, createdS = Math.floor(Date.now() / 1000) } = {},
) {
  const event = { id, object: 'event', api_version: Stripe.API_VERSION, created: createdS, type, data: { object } }
  const body = JSON.stringify(event)
  return { body, headers: { 'stripe-signature': Stripe.webhooks.generateTestHeaderString({ payload: body, secret }) } }
}

/** Stripe's simulator and the payment service, each knowing the other. */
export async function startShop(settings: Record<string, string> = {}) {
  const port = await freePort()
  const simulatorUrl = `http://127.0.0.1:${port}`
  const service = await startPaymentService({
    PAYMENT_METHODS: 'stripe,cash_on_delivery',
    STRIPE_SECRET_KEY: API_KEY,
    STRIPE_WEBHOOK_SECRET: SECRET,
    STRIPE_API_URL: simulatorUrl,
    MART_PROVIDERS: 'simulated',
    ...settings,
  })
  const simulator = await startStripeSimulator({
    port,
    host: '127.0.0.1',
    webhookSecret: SECRET,
    webhookUrl: `${service.service.url}/webhooks`,
    apiKey: API_KEY,
  })
  const stripe = new Stripe(API_KEY, { protocol: 'http', host: '127.0.0.1', port, telemetry: false })

  const ask = async (path: string, body: object, method = 'POST') => {
    const headers = { 'content-type': 'application/json' }
    const answer = await fetch(`${simulatorUrl}/control${path}`, { method, headers, body: JSON.stringify(body) })
    return { status: answer.status, body: await answer.json() }
  }
  return {
    ...service,
    stripe,
    simulatorUrl,
    ask,
    /** What goes wrong at Stripe from now on; what is not named goes right. */
    control: (wanted: object) => ask('', wanted, 'PUT'),
    pay: (sessionId: string, how: object = {}) => ask(`/sessions/${sessionId}/pay`, how),
    settleDebit: (sessionId: string, outcome: 'succeeded' | 'failed') =>
      ask(`/sessions/${sessionId}/async`, { outcome }),
    /** Order asks for an attempt; resolves with the session's id once its page is open. */
    async open(order: TestOrder, attempt = 1): Promise<string> {
      await service.consume(OrderPaymentDue, due(order, attempt))
      return await pageOf(order, attempt)
    },
    async openAll(orders: readonly TestOrder[]): Promise<string[]> {
      await service.consume(OrderPaymentDue, ...orders.map((order) => due(order)))
      const sessionIds: string[] = []
      for (const order of orders) sessionIds.push(await pageOf(order, 1))
      return sessionIds
    },
    notify: (...about: Parameters<typeof notification>) =>
      service.http('POST', '/webhooks/stripe', notification(...about)),
    cancel: (order: TestOrder, ifPaid: 'keep' | 'refund') =>
      service.consume(OrderCancelRequested, cancelRequest(order, ifPaid)),
    async stop() {
      await service.stop()
      await simulator.stop()
    },
  }

  async function pageOf(order: TestOrder, number: number): Promise<string> {
    let id: string | null = null
    await eventually(async () => {
      const attempt = (await service.attemptsOf(order)).find((one) => one['number'] === number)
      id = attempt?.['status'] === 'open' ? (attempt['session_id'] as string) : null
      return id !== null
    }, 'the page is open')
    return id ?? ''
  }
}

async function freePort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1')
  await once(server, 'listening')
  const { port } = server.address() as AddressInfo
  server.close()
  await once(server, 'close')
  return port
}
