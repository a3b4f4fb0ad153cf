import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import type { TestContext } from 'node:test'
import { payfastAddresses } from '../src/payfast/addresses.ts'
import { startPayfastSimulator } from '../src/payfast/main.ts'

export const merchant = { merchantId: '102', securedKey: 'test_secured_key' }

export interface Received {
  readonly method: string
  readonly type: string
  readonly query: Record<string, string>
  readonly body: string
}

/** A shop's notification address that keeps what came, as it came. */
export async function startReceiver(t: TestContext) {
  const received: Received[] = []
  const server = createServer(async (request, response) => {
    const chunks: Buffer[] = []
    for await (const chunk of request) chunks.push(chunk)
    const { searchParams } = new URL(request.url ?? '', 'http://shop')
    received.push({
      method: request.method ?? '',
      type: request.headers['content-type'] ?? '',
      query: Object.fromEntries(searchParams),
      body: Buffer.concat(chunks).toString(),
    })
    response.writeHead(200).end()
  })
  await new Promise<void>((listening) => server.listen(0, '127.0.0.1', listening))
  t.after(() => server.close())
  return { received, url: `http://127.0.0.1:${(server.address() as AddressInfo).port}/webhooks/payfast` }
}

export async function startPayfast(t: TestContext, stateFile?: string) {
  const receiver = await startReceiver(t)
  const simulator = await startPayfastSimulator({
    ...{ port: 0, host: '127.0.0.1', ...merchant },
    ...(stateFile ? { stateFile } : {}),
  })
  t.after(() => simulator.stop())
  const { PAYFAST_CHECKOUT_URL: a, PAYFAST_API_URL: b } = payfastAddresses(simulator.url)
  const home = `${simulator.url}/payfast`

  async function post(address: string, form: Record<string, string>, headers: Record<string, string> = {}) {
    const body = new URLSearchParams(form)
    const answer = await fetch(address, { method: 'POST', body, headers, redirect: 'manual' })
    const text = await answer.text()
    const json = answer.headers.get('content-type')?.includes('json') ? JSON.parse(text) : undefined
    return { status: answer.status, text, json, location: answer.headers.get('location') }
  }

  const askToken = (over: Record<string, string> = {}, headers?: Record<string, string>) =>
    post(`${a}/GetAccessToken`, { ...tokenFields, ...over }, headers)
  const postForm = (token: string, over: Record<string, string> = {}) =>
    post(`${a}/PostTransaction`, { ...formFields, TOKEN: token, CHECKOUT_URL: receiver.url, ...over })
  /** The address of the page's form. */
  async function openPage(basket = 'att-1'): Promise<string> {
    const { json } = await askToken({ BASKET_ID: basket })
    const { text } = await postForm(json.ACCESS_TOKEN, { BASKET_ID: basket })
    return simulator.url + (/action="([^"]+)"/.exec(text)?.[1] ?? '')
  }
  async function bearer(): Promise<string> {
    const { json } = await post(`${b}/token`, tokenRequest)
    return json.token
  }
  async function look(path: string, token?: string) {
    const authorization = `Bearer ${token ?? (await bearer())}`
    const answer = await fetch(`${b}/transaction/${path}`, { headers: { authorization } })
    return { status: answer.status, json: (await answer.json()) as Record<string, string | null> }
  }

  return {
    ...{ receiver, home, api: b, stop: simulator.stop, post, askToken, postForm, openPage, bearer, look },
    choose: async (outcome: string, basket?: string) => post(await openPage(basket), { outcome }),
    byBasket: (basket = 'att-1') => look(`basket_id/${basket}?order_date=2026-11-22&customer_ip=127.0.0.1`),
    refund: async (id: string, txnamt: string, token?: string) =>
      post(
        `${b}/transaction/refund/${id}`,
        { txnamt, refund_reason: 'returned', customer_ip: '127.0.0.1' },
        { authorization: `Bearer ${token ?? (await bearer())}` },
      ),
    control: async (wanted: object) => {
      const headers = { 'content-type': 'application/json' }
      return await fetch(`${home}/control`, { method: 'PUT', headers, body: JSON.stringify(wanted) })
    },
  }
}

export const tokenRequest = {
  merchant_id: merchant.merchantId,
  secured_key: merchant.securedKey,
  grant_type: 'client_credentials',
  customer_ip: '127.0.0.1',
}

const tokenFields = {
  MERCHANT_ID: merchant.merchantId,
  SECURED_KEY: merchant.securedKey,
  BASKET_ID: 'att-1',
  TXNAMT: '1500.00',
  CURRENCY_CODE: 'PKR',
}

const formFields = {
  MERCHANT_ID: merchant.merchantId,
  MERCHANT_NAME: 'AI Mart',
  PROCCODE: '00',
  TXNAMT: '1500.00',
  BASKET_ID: 'att-1',
  ORDER_DATE: '2026-11-22',
  CUSTOMER_MOBILE_NO: '03001234567',
  CUSTOMER_EMAIL_ADDRESS: 'sana@example.com',
  SIGNATURE: 'random',
  VERSION: 'MERCHANTCART-0.1',
  TXNDESC: 'Order M-1',
  SUCCESS_URL: 'http://127.0.0.1:9/return?t=1',
  FAILURE_URL: 'http://127.0.0.1:9/return?t=1',
  CURRENCY_CODE: 'PKR',
}
