import assert from 'node:assert/strict'
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import { describe, type TestContext, test } from 'node:test'
import { payfastAddresses } from '@mart/simulators/payfast/addresses'
import { startPayfastSimulator } from '@mart/simulators/payfast/main'
import { connectPayfast } from '../src/payfast/payfast-client.ts'
import { pageForm } from '../src/payfast/payfast-form.ts'
import type { ProviderCall, RefundCall } from '../src/provider-calls/provider-calls.ts'

const KEY = 'very-secured-key-of-the-test'
const attempt = {
  id: '0190aaaa-0000-7000-8000-000000000001',
  go_token: 'token',
  provider_payment_id: null,
  created_at: new Date('2026-11-22T10:00:00Z'),
  basket: null,
}
const money = { amount: 150_000, currency: 'PKR' }
const call = { payment: money, attempt, martId: 'mart' } as unknown as ProviderCall
const reasons = { reason: 'he shouted at us', public_reason: 'returned', asked_by: 'staff-1' }
const refund = { ...money, provider_payment_id: 't-1', ...reasons }
const refundCall = { ...call, refund } as unknown as RefundCall

const connect = (url: string, securedKey = KEY, timeoutMs = 5_000) =>
  connectPayfast({
    merchantId: '102',
    securedKey,
    merchantName: 'Mart',
    checkoutUrl: `${url}/payfast/Ecommerce/api/Transaction`,
    pageUrl: url,
    apiUrl: `${url}/payfast/api`,
    serverIp: '127.0.0.1',
    timeoutMs,
    fallbackEmail: 'shop@mart.example',
    fallbackPhone: '03000000000',
    publicUrl: 'http://mart',
    webhookUrl: 'http://mart/webhooks',
  })

type Answer = (request: IncomingMessage, response: ServerResponse, body: string) => void
const json = (response: ServerResponse, body: object, status = 200) =>
  response.writeHead(status, { 'content-type': 'application/json' }).end(JSON.stringify(body))

/** A PayFast that gives tokens and answers everything else as it is told to. */
async function startFake(t: TestContext, answer: Answer) {
  const asked: string[] = []
  const server = createServer(async (request, response) => {
    let body = ''
    for await (const chunk of request) body += chunk
    asked.push(`${request.method} ${request.url?.split('?')[0]?.replace('/payfast/api', '')}`)
    if (request.url?.endsWith('token')) {
      return json(response, { token: `bearer-${asked.length}`, refresh_token: 'again', code: '00' })
    }
    return answer(request, response, body)
  })
  await new Promise<void>((listening) => server.listen(0, '127.0.0.1', listening))
  t.after(() => {
    server.closeAllConnections()
    server.close()
  })
  return { asked, url: `http://127.0.0.1:${(server.address() as AddressInfo).port}` }
}

describe('a refund at PayFast, which knows no idempotency', () => {
  const answers: [string, Answer, string][] = [
    ['accepted', (_, response) => json(response, { code: '00' }), 'succeeded'],
    ['refused by a documented code', (_, response) => json(response, { code: '13' }), 'failed'],
    ['timed out there', (_, response) => json(response, { code: '002' }), 'unknown'],
    ['answered by a code that nobody knows', (_, response) => json(response, { code: '4711' }), 'unknown'],
    ['answered without a code', (_, response) => json(response, { message: 'busy' }), 'unknown'],
    ['answered by .NET’s 500', (_, response) => json(response, { ExceptionMessage: 'Null' }, 500), 'unknown'],
    ['answered by a web page', (_, response) => void response.end('<html></html>'), 'unknown'],
    ['answered by half a JSON', (_, response) => void response.end('{"code":"0'), 'unknown'],
    ['cut off', (_, response) => void response.destroy(), 'unknown'],
    ['not authorised', (_, response) => json(response, { code: '401' }, 401), 'no_answer'],
  ]
  for (const [what, answer, kind] of answers) {
    test(`that is ${what} is ${kind}, and is asked for once`, async (t) => {
      const fake = await startFake(t, answer)
      assert.equal((await connect(fake.url).refund(refundCall)).kind, kind)
      const calls = fake.asked.filter((one) => one.includes('refund/t-1'))
      assert.equal(calls.length, kind === 'no_answer' ? 2 : 1)
    })
  }

  test('that PayFast never saw is safe to repeat', async () => {
    assert.equal((await connect('http://127.0.0.1:1').refund(refundCall)).kind, 'no_answer')
  })

  test('says how much in major units, and the reason that is not for staff alone', async (t) => {
    let sent = ''
    const fake = await startFake(t, (_, response, body) => {
      sent = body
      json(response, { code: '00' })
    })
    await connect(fake.url).refund(refundCall)
    const fields = Object.fromEntries(new URLSearchParams(sent))
    assert.deepEqual(
      [fields['txnamt'], fields['refund_reason'], fields['customer_ip']],
      ['1500.00', 'returned', '127.0.0.1'],
    )
  })
})

test('the bearer is kept, and refreshed once when PayFast refuses it', async (t) => {
  const good = new Set(['bearer-1'])
  const fake = await startFake(t, (request, response) => {
    const isGood = good.has(request.headers.authorization?.replace('Bearer ', '') ?? '')
    if (!isGood) return json(response, { code: '401' }, 401)
    return json(response, { status_code: '002', basket_id: attempt.id })
  })
  const payfast = connect(fake.url)
  await payfast.poll(call)
  await payfast.poll(call)
  assert.equal(fake.asked.filter((one) => one === 'POST /token').length, 1)
  good.clear()
  for (let at = 1; at < 20; at += 1) if (at !== 1) good.add(`bearer-${at}`)
  const [one, other] = await Promise.all([payfast.poll(call), payfast.poll(call)])
  assert.equal(one.news.kind, 'no_answer')
  assert.match(String('reason' in other.news && other.news.reason), /not decided \(002\)/)
  assert.equal(fake.asked.filter((one) => one === 'POST /refreshtoken').length, 1)
})

for (const [what, answer] of Object.entries<Answer>({
  'a web page': (_, response) => void response.end('<html></html>'),
  'half a JSON': (_, response) => void response.end('{"status_code":"0'),
  '.NET’s 500': (_, response) => json(response, { ExceptionType: 'NullReferenceException', code: '000' }, 500),
  nothing: (_, response) => void response.destroy(),
})) {
  test(`a poll or an end that is answered by ${what} is no answer, and nothing is guessed`, async (t) => {
    const fake = await startFake(t, answer)
    const payfast = connect(fake.url)
    assert.equal((await payfast.poll(call)).news.kind, 'no_answer')
    assert.equal((await payfast.end(call)).news.kind, 'no_answer')
  })
}

test('a token of a wrong key, or of another merchant, opens nothing, and the key is in no reason', async (t) => {
  const simulator = await startPayfastSimulator({ port: 0, host: '127.0.0.1', merchantId: '102', securedKey: KEY })
  t.after(() => simulator.stop())
  assert.ok(payfastAddresses(simulator.url).PAYFAST_API_URL.startsWith(simulator.url))
  const refused = await connect(simulator.url, 'another-key').fetchToken({ attempt, money })
  assert.match('reason' in refused ? refused.reason : '', /HTTP 500/)
  assert.ok('token' in (await connect(simulator.url).fetchToken({ attempt, money })))

  const echo: Answer = (_, response, body) => json(response, { MERCHANT_ID: '999', ACCESS_TOKEN: 'x', MESSAGE: body })
  const fake = createServer(async (request, response) => {
    let body = ''
    for await (const chunk of request) body += chunk
    echo(request, response, body)
  })
  await new Promise<void>((listening) => fake.listen(0, '127.0.0.1', listening))
  t.after(() => fake.close())
  const other = await connect(`http://127.0.0.1:${(fake.address() as AddressInfo).port}`).fetchToken({ attempt, money })
  assert.deepEqual(other, { reason: 'the token is of another merchant' })
  assert.ok(!JSON.stringify([refused, other]).includes(KEY))
})

test('a token that takes PayFast long is waited for as long as the shop says, and no longer', async (t) => {
  const simulator = await startPayfastSimulator({ port: 0, host: '127.0.0.1', merchantId: '102', securedKey: KEY })
  t.after(() => simulator.stop())
  await fetch(`${simulator.url}/payfast/control`, {
    method: 'PUT',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({ answer_delay_ms: 1_000 }),
  })
  assert.ok('token' in (await connect(simulator.url, KEY, 4_000).fetchToken({ attempt, money })))
  assert.deepEqual(await connect(simulator.url, KEY, 200).fetchToken({ attempt, money }), {
    reason: 'no answer in time',
  })
})

test('the page of a buyer who left no e-mail and no mobile number is opened with the shop’s own', () => {
  const form = pageForm(
    { attempt, money, token: 'one' },
    {
      merchantId: '102',
      merchantName: 'Mart',
      publicUrl: 'http://mart',
      webhookUrl: 'http://mart/webhooks',
      fallbackEmail: 'shop@mart.example',
      fallbackPhone: '03001112223',
    },
  )
  assert.equal(form['CUSTOMER_EMAIL_ADDRESS'], 'shop@mart.example')
  assert.equal(form['CUSTOMER_MOBILE_NO'], '03001112223')
})
