import assert from 'node:assert/strict'
import type { OrderShape } from '@mart/contracts/http/order-shapes'
import type { PaymentShape } from '@mart/contracts/http/payment-shapes'
import { call, newShopper, payByCard, payByPayfast, type Shopper } from '@mart/demo/shopper'
import { readSecrets } from '@mart/local/secrets'
import { eventually } from '@mart/service-kit/eventually'
import { type AuditedDatabase, openAuditedDatabases } from '@mart/tools/books/audited-databases'
import type { MartUnderTest } from './mart-under-test.ts'

export type Provider = 'stripe' | 'payfast'
export const providers: readonly Provider[] = ['stripe', 'payfast']
export const otherThan = (method: Provider): Provider => (method === 'stripe' ? 'payfast' : 'stripe')

/** What a provider's own record says of an attempt. */
export interface Charged {
  readonly method: Provider
  readonly paid: number
  readonly refunded: number
}

export interface Bought {
  readonly buyer: Shopper
  readonly id: string
  readonly method: Provider
}

/** How a journey pays, and asks everybody concerned what came of it. */
export interface Paying {
  readonly place: (method: Provider, buyer?: Shopper) => Promise<Bought>
  /** The link of the attempt that is open, another than `before`. */
  readonly linkOf: (bought: Bought, before?: string) => Promise<string>
  readonly choose: (bought: Bought, method: Provider | 'cash_on_delivery') => Promise<void>
  readonly cancel: (bought: Bought) => Promise<void>
  readonly refund: (orderId: string, amount?: number, key?: string) => Promise<{ status: number; refundId: string }>
  readonly paymentOf: (orderId: string) => Promise<PaymentShape>
  readonly order: (bought: Bought) => Promise<OrderShape>
  readonly charged: (orderId: string) => Promise<Charged[]>
  /** The attempts that Stripe has pages for, once for each page. */
  readonly stripePages: () => Promise<string[]>
  /** Sets what goes wrong at both providers; all calm without anything. */
  readonly control: (settings?: Record<string, unknown>) => Promise<void>
  readonly messages: (orderId: string, kind: string) => Promise<number>
  /** The payment service's rows, to be read only unless asked otherwise. */
  readonly rows: AuditedDatabase
  readonly close: () => Promise<void>
}

export const pay = async (method: Provider, link: string): Promise<string> => {
  if (method === 'payfast') return await payByPayfast(link)
  const { status, location } = await payByCard(link, { number: '4242424242424242' })
  assert.equal(status, 303)
  return location!
}

export const failToPay = async (method: Provider, link: string): Promise<void> => {
  if (method === 'payfast') await payByPayfast(link, 'insufficient_balance')
  else assert.equal((await payByCard(link, { number: '4000000000000002' })).status, 402)
}

export const kept = (charged: readonly Charged[]): number =>
  charged.reduce((sum, { paid, refunded }) => sum + paid - refunded, 0)

/** Opens the payment service's database, so it is to be closed. */
export function payingAt(under: MartUnderTest, sku: string): Paying {
  const { mart, admin, settings } = under
  const { simulators } = mart.addresses
  const { stripeSecretKey } = readSecrets(settings.dataDir)
  const { payment: rows, close } = openAuditedDatabases(mart.databaseUrls)
  const paymentOf = async (orderId: string): Promise<PaymentShape> =>
    (await admin.api('payment', 'GET', `/payments?order_id=${orderId}`)).body.items[0]
  const order: Paying['order'] = async ({ buyer, id }) => (await buyer.api('order', 'GET', `/orders/${id}`)).body

  async function atStripe(session: string): Promise<Charged> {
    const url = `${simulators}/v1/checkout/sessions/${session}?expand[]=payment_intent.latest_charge`
    const { body } = await call(url, 'GET', { token: stripeSecretKey })
    const charge = body.payment_intent?.latest_charge
    const paid = charge?.status === 'succeeded' ? charge.amount_captured : 0
    return { method: 'stripe', paid, refunded: charge?.amount_refunded ?? 0 }
  }
  async function stripePages(): Promise<string[]> {
    const attempts: string[] = []
    for (let after = ''; ; ) {
      const { body } = await call(`${simulators}/v1/checkout/sessions?limit=100${after}`, 'GET', {
        token: stripeSecretKey,
      })
      attempts.push(...body.data.map((one: { client_reference_id: string }) => one.client_reference_id))
      if (!body.has_more) return attempts
      after = `&starting_after=${body.data.at(-1).id}`
    }
  }
  async function atPayfast(basket: string): Promise<Charged> {
    const { body } = await call(`${simulators}/payfast/control/baskets/${basket}`, 'GET')
    const paid = body.transactions.filter(({ code }: { code: string | null }) => code === '000')
    const refunds = paid.flatMap((one: { refunds: { paisa: number }[] }) => one.refunds)
    const sum = (rows: { paisa: number }[]) => rows.reduce((total, { paisa }) => total + paisa, 0)
    return { method: 'payfast', paid: sum(paid), refunded: sum(refunds) }
  }

  return {
    rows,
    close,
    paymentOf,
    order,
    stripePages,
    async place(method, buyer) {
      const who = buyer ?? (await newShopper(mart.addresses))
      const { status, body } = await who.order({ lines: [{ sku, quantity: 1 }], payment_method: method })
      assert.equal(status, 201, JSON.stringify(body))
      return { buyer: who, id: body.id, method }
    },
    async linkOf(bought, before) {
      let link: string | undefined
      await eventually(async () => {
        link = (await order(bought)).payment.action?.url
        return link !== undefined && link !== before
      }, `order ${bought.id} shows a link to pay`)
      return link!
    },
    async choose({ buyer, id }, method) {
      const { status, body } = await buyer.api('order', 'POST', `/orders/${id}/payment`, {
        body: { payment_method: method },
      })
      assert.equal(status, 200, JSON.stringify(body))
    },
    async cancel({ buyer, id }) {
      const { status, body } = await buyer.api('order', 'POST', `/orders/${id}/cancel`, { body: {} })
      assert.equal(status, 200, JSON.stringify(body))
    },
    async refund(orderId, amount, key = crypto.randomUUID()) {
      const { id } = await paymentOf(orderId)
      const { status, body } = await admin.api('payment', 'POST', `/payments/${id}/refunds`, {
        body: { reason: 'the tin was dented', ...(amount && { amount: { amount, currency: 'PKR' } }) },
        headers: { 'idempotency-key': key },
      })
      return { status, refundId: body.id }
    },
    async charged(orderId) {
      const attempts = await rows<{ method: Provider; session_id: string }[]>`
        select a.method, a.session_id from attempts a join payments p on p.id = a.payment_id
        where p.order_id = ${orderId} and a.session_id is not null order by a.number`
      return await Promise.all(
        attempts.map((one) => (one.method === 'stripe' ? atStripe(one.session_id) : atPayfast(one.session_id))),
      )
    },
    async control(wanted = {}) {
      for (const path of ['/control', '/payfast/control']) {
        const { status, body } = await call(`${simulators}${path}`, 'PUT', { body: wanted })
        assert.equal(status, 200, JSON.stringify(body))
      }
    },
    async messages(orderId, kind) {
      const { body } = await admin.api('notification', 'GET', `/messages?order_id=${orderId}`)
      return body.items.filter((message: { kind: string }) => message.kind === kind).length
    },
  }
}
