import assert from 'node:assert/strict'
import { createServer, type IncomingMessage } from 'node:http'
import type { AddressInfo } from 'node:net'
import { after, before, test } from 'node:test'
import type { Attempt, Refund } from '../src/payment-tables.ts'
import { connectStripe } from '../src/stripe/stripe-client.ts'
import type { StripeProvider } from '../src/stripe/stripe-events-client.ts'
import { minutes, NOW, telling } from './telling.ts'

// Stripe's own stand-in knows the parameters of the real API (also some that our version has dropped: the SDK's types
// refuse those) and keeps nothing; `npm test` starts it where it is found.
const stripeMock = process.env['STRIPE_MOCK_URL']

interface Call {
  readonly route: string
  readonly status: number
  readonly answer: string
}
const calls: Call[] = []
let refusals: Record<string, unknown>[] = []
let stripe: StripeProvider

const server = createServer(async (request, response) => {
  const body = await read(request)
  const refusal = refusals.shift()
  if (refusal) {
    response.writeHead(400, { 'content-type': 'application/json' }).end(JSON.stringify({ error: refusal }))
    return
  }
  const passed = await fetch(`${stripeMock}${request.url}`, {
    method: request.method ?? 'GET',
    headers: {
      authorization: request.headers.authorization ?? '',
      'stripe-version': String(request.headers['stripe-version']),
      'content-type': 'application/x-www-form-urlencoded',
    },
    ...(request.method === 'POST' ? { body } : {}),
  })
  const answer = await passed.text()
  const path = (request.url ?? '').split('?')[0]?.replace(/(cs|re|pi|evt)_\w+/, '{id}')
  calls.push({ route: `${request.method} ${path}`, status: passed.status, answer })
  response.writeHead(passed.status, { 'content-type': 'application/json' }).end(answer)
})

async function read(request: IncomingMessage): Promise<string> {
  let text = ''
  for await (const chunk of request) text += String(chunk)
  return text
}

before(async () => {
  assert.ok(stripeMock, 'STRIPE_MOCK_URL must name a stripe-mock: npm test starts one where it is installed')
  await new Promise<void>((listening) => server.listen(0, '127.0.0.1', listening))
  const apiUrl = `http://127.0.0.1:${(server.address() as AddressInfo).port}`
  const publicUrl = 'http://127.0.0.1:8008'
  stripe = connectStripe({
    secretKey: 'sk_test_123',
    webhookSecrets: ['whsec_1'],
    apiUrl,
    timeoutMs: 10_000,
    publicUrl,
  })
})

after(() => {
  server.closeAllConnections()
  server.close()
})

const record = telling().asks(1)
const attempt = (fields: Partial<Attempt> = {}): Attempt => ({
  ...record.attempt(1),
  expires_at: minutes(60),
  created_at: NOW,
  ...fields,
})
const call = (fields: Partial<Attempt> = {}) => ({
  payment: record.record().payment,
  attempt: attempt(fields),
  martId: 'mart',
})
const refundCall = (fields: Partial<Refund> = {}) => ({
  ...call({ session_id: 'cs_test_1' }),
  refund: {
    ...{ id: 'refund-1', amount: 50_000, currency: 'PKR', key_number: 1 },
    ...{ provider_payment_id: 'pi_1', provider_refund_id: null, reason: 'returned' },
    ...fields,
  } as Refund,
})

const idempotency = { type: 'idempotency_error', message: 'Keys for idempotent requests …' }
const complete = { type: 'invalid_request_error', message: 'Only Checkout Sessions with a status in ["open"] …' }

const lastDays = { from: minutes(-3 * 24 * 60), to: NOW }

const ours: { what: string; refused?: object; ask: () => Promise<unknown>; routes: string[] }[] = [
  { what: 'a page is opened', ask: () => stripe.open(call()), routes: ['POST /v1/checkout/sessions'] },
  {
    what: 'a session whose key is used up is looked for',
    refused: idempotency,
    ask: () => stripe.open(call()),
    routes: ['GET /v1/checkout/sessions'],
  },
  {
    what: 'a page is ended',
    ask: () => stripe.end(call({ session_id: 'cs_test_1' })),
    routes: ['POST /v1/checkout/sessions/{id}/expire'],
  },
  {
    what: 'a session that can’t be ended is read',
    refused: complete,
    ask: () => stripe.end(call({ session_id: 'cs_test_1' })),
    routes: ['GET /v1/checkout/sessions/{id}'],
  },
  {
    what: 'a session is read',
    ask: () => stripe.poll(call({ session_id: 'cs_test_1' })),
    routes: ['GET /v1/checkout/sessions/{id}'],
  },
  {
    what: 'a session without a name is looked for',
    ask: () => stripe.poll(call()),
    routes: ['GET /v1/checkout/sessions'],
  },
  { what: 'a charge is refunded', ask: () => stripe.refund(refundCall()), routes: ['POST /v1/refunds'] },
  {
    what: 'a refund is read',
    ask: () => stripe.refund(refundCall({ provider_refund_id: 're_1' })),
    routes: ['GET /v1/refunds/{id}'],
  },
  {
    what: 'a refund whose key is used up is looked for',
    refused: idempotency,
    ask: () => stripe.refund(refundCall()),
    routes: ['GET /v1/refunds'],
  },
  {
    what: 'the list of events is read',
    ask: () => stripe.events({ ...lastDays, after: null }),
    routes: ['GET /v1/events'],
  },
  {
    what: 'the next page of events is read',
    ask: () => stripe.events({ ...lastDays, after: 'evt_1' }),
    routes: ['GET /v1/events'],
  },
]

for (const { what, refused, ask, routes } of ours) {
  test(`stripe-mock accepts every parameter: ${what}`, async () => {
    calls.length = 0
    refusals = refused ? [{ ...refused }] : []
    await ask()
    assert.deepEqual(
      calls.map(({ route }) => route),
      routes,
    )
    for (const { status, answer } of calls) assert.equal(status, 200, answer)
  })
}

test('stripe-mock refuses what Stripe would refuse, so that its yes means something', async () => {
  calls.length = 0
  await stripe.refund(refundCall({ provider_payment_id: { is: 'no text' } as unknown as string }))
  assert.deepEqual(
    calls.map(({ status }) => status),
    [400],
  )
})
