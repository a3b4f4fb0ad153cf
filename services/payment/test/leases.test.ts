import assert from 'node:assert/strict'
import { once } from 'node:events'
import { createServer, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import { describe, type TestContext, test } from 'node:test'
import { connectPayfast } from '../src/payfast/payfast-client.ts'
import { leaseEnd, leasesOf, longestCallMs, longestLeaseEnd } from '../src/provider-calls/leases.ts'
import type { Provider, RefundCall } from '../src/provider-calls/provider-calls.ts'
import { connectStripe } from '../src/stripe/stripe-client.ts'

const TIMEOUT_MS = 400
const leases = leasesOf({ stripe: TIMEOUT_MS, payfast: TIMEOUT_MS })

const call = {
  payment: { order_id: 'order', amount: 150_000, currency: 'PKR', due_at: null },
  attempt: {
    id: '01935f00-0000-7000-8000-000000000001',
    provider_payment_id: 't-1',
    session_id: 'cs_1',
    key_number: 1,
    created_at: new Date(),
    expires_at: new Date(),
    go_token: 'token',
    basket: { number: 'M-1', email: null, lines: [{ name: 'Tea', quantity: 1, unit_price: 150_000 }], shipping: 0 },
  },
  refund: { id: 'refund', provider_payment_id: 't-1', amount: 100, currency: 'PKR', reason: 'broken', key_number: 1 },
  martId: 'mart',
} as unknown as RefundCall
const withoutSession = { ...call, attempt: { ...call.attempt, session_id: null } }

type Answer = (response: ServerResponse, path: string) => void

async function startFake(t: TestContext, answer: Answer) {
  const asked: number[] = []
  const server = createServer((request, response) => {
    asked.push(Date.now())
    request.resume()
    answer(response, request.url ?? '')
  })
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  t.after(() => {
    server.closeAllConnections()
    server.close()
  })
  return { url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`, asked }
}

const stripeAt = (url: string) =>
  connectStripe({ secretKey: 'sk_test_1', webhookSecrets: [], apiUrl: url, timeoutMs: TIMEOUT_MS, publicUrl: url })
const payfastAt = (url: string) =>
  connectPayfast({
    merchantId: '102',
    securedKey: 'key',
    merchantName: 'Mart',
    checkoutUrl: url,
    pageUrl: url,
    apiUrl: url,
    serverIp: '127.0.0.1',
    timeoutMs: TIMEOUT_MS,
    fallbackEmail: 'shop@mart.example',
    fallbackPhone: '03000000000',
    publicUrl: url,
    webhookUrl: url,
  })

/** Sends half of an answer, then a byte now and then: a connection that is never idle and never done. */
const drip: Answer = (response) => {
  response.writeHead(200, { 'content-type': 'application/json' })
  const timer = setInterval(() => response.write(' '), TIMEOUT_MS / 4)
  response.on('close', () => clearInterval(timer))
}
const json = (response: ServerResponse, status: number, body: object, waitMs = 0) => {
  setTimeout(() => {
    response.writeHead(status, { 'content-type': 'application/json' }).end(JSON.stringify(body))
  }, waitMs)
}
const slowMs = TIMEOUT_MS * 0.8

const stripeTroubles: Record<string, Answer> = {
  'never answers': () => undefined,
  'never comes to the end of an answer': drip,
  'answers late and has done nothing, so that what was made is looked up, page by page': (response, path) => {
    const isList = path.includes('?')
    const found = { object: 'list', url: path.split('?')[0], has_more: true, data: [{ id: `x_${Math.random()}` }] }
    const used = { error: { type: 'idempotency_error', message: 'the key belongs to another request' } }
    return isList ? json(response, 200, found, slowMs) : json(response, 400, used, slowMs)
  },
}
const payfastTroubles: Record<string, Answer> = {
  'never answers': () => undefined,
  'never comes to the end of an answer': drip,
  'refuses each token that it has given, late': (response, path) =>
    path.endsWith('token')
      ? json(response, 200, { token: 'bearer', refresh_token: 'again' }, slowMs)
      : json(response, 401, {}, slowMs),
  'knows nothing of the first that it is asked, late': (response, path) =>
    json(response, 200, path.endsWith('token') ? { token: 'bearer' } : { code: '002' }, slowMs),
}

const calls = {
  open: (provider: Provider) => provider.open(call),
  end: (provider: Provider) => provider.end(call),
  'poll what it has': (provider: Provider) => provider.poll(call),
  'poll what it may have': (provider: Provider) => provider.poll(withoutSession),
  refund: (provider: Provider) => provider.refund(call),
}

describe('a lease outlasts the call that runs under it', () => {
  for (const [method, connect, troubles] of [
    ['stripe', stripeAt, stripeTroubles],
    ['payfast', payfastAt, payfastTroubles],
  ] as const) {
    for (const [trouble, answer] of Object.entries(troubles)) {
      test(`${method} ${trouble}`, async (t) => {
        const fake = await startFake(t, answer)
        await Promise.all(
          Object.entries(calls).map(async ([name, act]) => {
            const beganAt = new Date()
            await act(connect(fake.url))
            const leftMs = leaseEnd(leases, method, beganAt).getTime() - Date.now()
            assert.ok(leftMs > 0, `${name} took ${-leftMs} ms more than its lease`)
          }),
        )
        const latest = Math.max(...fake.asked) - fake.asked[0]!
        assert.ok(latest < longestCallMs(method, TIMEOUT_MS) + 100, `the last request came after ${latest} ms`)
      })
    }
  }

  test('with the settings that nobody changed, and the longest outlasts both', () => {
    const now = new Date(0)
    const real = leasesOf({ stripe: 10_000, payfast: 60_000 })
    assert.equal(leaseEnd(real, 'stripe', now).getTime(), 62_500)
    assert.equal(leaseEnd(real, 'payfast', now).getTime(), 150_000)
    assert.equal(longestLeaseEnd(real, now).getTime(), 150_000)
  })
})
