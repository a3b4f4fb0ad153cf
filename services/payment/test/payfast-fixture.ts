import { once } from 'node:events'
import { type AddressInfo, createServer } from 'node:net'
import { OrderCancelRequested, OrderPaymentDue } from '@mart/contracts/events/order-events'
import { eventually } from '@mart/service-kit/testing'
import { payfastAddresses } from '@mart/simulators/payfast/addresses'
import { startPayfastSimulator } from '@mart/simulators/payfast/main'
import { validationHash } from '../src/payfast/payfast-notification.ts'
import { cancelRequest, due, newOrder, startPaymentService, type TestOrder } from './payment-fixture.ts'

export const MERCHANT_ID = '102'
export const SECURED_KEY = 'very-secured-key-of-the-test'

export const newPayfastOrder = (): TestOrder => ({
  ...newOrder(),
  payment_method: 'payfast',
  contact: { name: 'Sana', email: 'sana@example.com', phone: '+92 300 1234567' as never, language: 'en' },
})

/** Fields as PayFast would tell them, with the right hash unless said otherwise. */
export function told(basketId: string, over: Record<string, string> = {}): Record<string, string> {
  const fields = {
    basket_id: basketId,
    err_code: '000',
    err_msg: 'Success',
    transaction_id: '0a0b0c0d-0000-4000-8000-000000000001',
    merchant_amount: '1500.00',
    transaction_amount: '1500.00',
    transaction_currency: 'PKR',
    mobile_no: '03001234567',
    email_address: 'sana@example.com',
    ...over,
  }
  const { basket_id, err_code: code } = fields
  const hash = validationHash({ basketId: basket_id, code, securedKey: SECURED_KEY, merchantId: MERCHANT_ID })
  return { validation_hash: hash, ...fields }
}

export const encoded = (fields: Record<string, string>) => new URLSearchParams(fields).toString()

/** PayFast's simulator and the payment service, each knowing the other. */
export async function startPayfastShop(settings: Record<string, string> = {}) {
  const simulator = await startPayfastSimulator({
    port: 0,
    host: '127.0.0.1',
    merchantId: MERCHANT_ID,
    securedKey: SECURED_KEY,
  })
  const port = await freePort()
  const service = await startPaymentService({
    PORT: String(port),
    PUBLIC_URL: `http://127.0.0.1:${port}`,
    PAYMENT_METHODS: 'payfast,cash_on_delivery',
    PAYFAST_MERCHANT_ID: MERCHANT_ID,
    PAYFAST_SECURED_KEY: SECURED_KEY,
    ...payfastAddresses(simulator.url),
    ...settings,
  })
  const home = `${simulator.url}/payfast`
  const { db } = service.service

  const control = async (wanted: object) => {
    const headers = { 'content-type': 'application/json' }
    const answer = await fetch(`${home}/control`, { method: 'PUT', headers, body: JSON.stringify(wanted) })
    if (answer.status !== 200) throw new Error(await answer.text())
  }
  const attemptOf = async (order: TestOrder, number = 1) => {
    const row = (await service.attemptsOf(order)).find((one) => one['number'] === number)
    return row as { id: string; status: string; go_token: string; error: string | null } | undefined
  }

  /** Order asks for an attempt; resolves with it once it is open. */
  async function open(order: TestOrder, number = 1) {
    await service.consume(OrderPaymentDue, due(order, number))
    return await opened(order, number)
  }

  async function opened(order: TestOrder, number = 1) {
    await eventually(async () => (await attemptOf(order, number))?.status === 'open', 'the link is open')
    return (await attemptOf(order, number))!
  }

  const goPath = ({ id, go_token }: { id: string; go_token: string }) => `/payments/attempts/${id}/go?t=${go_token}`

  /** The buyer follows the link, without scripts. Resolves with the address of the page's buttons at PayFast. */
  async function follow(attempt: { id: string; go_token: string }): Promise<string> {
    const { status, body } = await service.http('GET', goPath(attempt))
    if (status !== 200) throw new Error(`The link answers ${status}: ${body}`)
    const [, action = ''] = /action="([^"]+)"/.exec(body) ?? []
    const page = await fetch(action, { method: 'POST', body: new URLSearchParams(formIn(body)) })
    const text = await page.text()
    const [, buttons] = /action="([^"]+)"/.exec(text) ?? []
    if (page.status !== 200 || !buttons) throw new Error(`PayFast answers ${page.status}: ${text}`)
    return simulator.url + buttons
  }

  /** Presses a button of PayFast's page. Resolves with where the browser is sent back to. */
  async function press(buttons: string, outcome: string | Record<string, string> = 'success'): Promise<string> {
    const body = new URLSearchParams(typeof outcome === 'string' ? { outcome } : outcome)
    const answer = await fetch(buttons, { method: 'POST', body, redirect: 'manual' })
    return answer.headers.get('location') ?? ''
  }

  return {
    ...service,
    simulatorUrl: simulator.url,
    home,
    control,
    attemptOf,
    goPath,
    open,
    opened,
    follow,
    press,
    settle: async (transactionId: string, code = '000') => {
      const headers = { 'content-type': 'application/json' }
      const path = `${home}/control/transactions/${transactionId}/settle`
      await fetch(path, { method: 'POST', headers, body: JSON.stringify({ code }) })
    },
    notify: (fields: Record<string, string>) =>
      service.http('POST', '/webhooks/payfast', {
        body: encoded(fields),
        headers: { 'content-type': 'application/x-www-form-urlencoded' },
      }),
    cancel: (order: TestOrder, ifPaid: 'keep' | 'refund') =>
      service.consume(OrderCancelRequested, cancelRequest(order, ifPaid)),
    /** Makes the next regular poll due now. */
    pollNow: (id: string) => db`
      insert into provider_calls (payment_id, kind, attempt_id, due_at, ends_at)
      select payment_id, 'poll', id, now(), now() + interval '1 day' from attempts where id = ${id}
      on conflict (attempt_id) where kind = 'poll' do update set due_at = now(), tries = 0`,
    eventsOf: (attemptId: string) => db`select * from provider_events where attempt_id = ${attemptId} order by id`,
    polled: (attemptId: string) =>
      eventually(
        async () =>
          (await db`select from provider_calls where attempt_id = ${attemptId} and kind = 'poll' and tries = 0`)
            .length === 0,
        'the record was polled',
      ),
    async stop() {
      await service.stop()
      await simulator.stop()
    },
  }
}

/** The fields of a page's form. */
export const formIn = (html: string): Record<string, string> =>
  Object.fromEntries(
    [...html.matchAll(/<input type="hidden" name="([^"]*)" value="([^"]*)"/g)].map(([, name = '', value = '']) => [
      name,
      value.replaceAll('&amp;', '&').replaceAll('&quot;', '"').replaceAll('&#39;', "'").replaceAll('&lt;', '<'),
    ]),
  )

async function freePort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1')
  await once(server, 'listening')
  const { port } = server.address() as AddressInfo
  server.close()
  await once(server, 'close')
  return port
}
