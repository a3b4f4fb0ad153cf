import assert from 'node:assert/strict'
import { once } from 'node:events'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { after, before, describe, test } from 'node:test'
import { OrderPaymentDue } from '@mart/contracts/events/order-events'
import {
  PaymentActionRequired,
  PaymentCashAgreed,
  PaymentFailed,
  PaymentVoided,
} from '@mart/contracts/events/payment-events'
import { eventually } from '@mart/service-kit/testing'
import type { Attempt, Payment } from '../src/payment-tables.ts'
import { connectStripe } from '../src/stripe/stripe-client.ts'
import { sessionParameters } from '../src/stripe/stripe-session.ts'
import { due, newOrder, staff, startShop } from './payment-fixture.ts'
import { telling } from './telling.ts'

const ordered = (amount: number, currency: string) => ({ ...newOrder(), total: { amount, currency } })

describe('a sum that Stripe does not take', () => {
  let shop: Awaited<ReturnType<typeof startShop>>
  before(async () => {
    shop = await startShop()
  })
  after(() => shop.stop())

  const asked = async (order: ReturnType<typeof newOrder>, attempt = 1) => {
    await shop.consume(
      OrderPaymentDue,
      due(order, attempt, { lines: [], shipping: { amount: 0, currency: order.total.currency } }),
    )
    await shop.becomes(order, 'failed')
    const said = await shop.saidOf(order, PaymentFailed)
    return said.at(-1)
  }

  for (const [what, amount, currency, reason] of [
    ['too small', 49, 'USD', /must be \$0\.50 or more/],
    ['too small as Stripe converts it', 60, 'INR', /must convert to at least 50 cents/], // the simulator's day's rate
    ['too large', 100_000_000, 'USD', /must be \$999,999\.99 at most/],
    ['no multiple of ten', 12_345, 'KWD', /must be a multiple of KWD 0\.010/],
    ['half an ariary', 300_050, 'MGA', /must be a multiple of/],
    ['of a currency that it does not know', 10_000, 'VED', /Invalid currency/],
  ] as const) {
    test(`${what} leaves the order waiting for another way to pay, and says why`, async () => {
      const order = ordered(amount, currency)
      const said = await asked(order)
      assert.equal(said?.['final'], false)
      assert.match(String(said?.['reason']), reason)
      const as = { id: order.customer_id!, role: 'customer' as const }
      const { body } = await shop.http('GET', `/payments?order_id=${order.order_id}`, { as })
      assert.match(body.items[0].attempts[0].error, reason)
    })
  }

  test('may be paid another way then', async () => {
    const order = ordered(49, 'USD')
    await asked(order)
    await shop.consume(OrderPaymentDue, due({ ...order, payment_method: 'cash_on_delivery' }, 2))
    await shop.becomes(order, 'due_on_delivery')
    assert.equal((await shop.saidOf(order, PaymentCashAgreed)).length, 1)
  })

  test('may be asked for once more, is refused once more, and its order is cancelled when that asks', async () => {
    const order = ordered(49, 'USD')
    await asked(order)
    await shop.consume(OrderPaymentDue, due(order, 2))
    await eventually(async () => (await shop.saidOf(order, PaymentFailed)).length === 2, 'it is refused again')
    await shop.cancel(order, 'keep')
    await eventually(async () => (await shop.saidOf(order, PaymentVoided)).length === 1, 'the cancel is answered')
  })

  test('in dinars that Stripe takes is opened with whole hundredths, the lines as one where they are finer', async () => {
    const order = ordered(12_340, 'KWD')
    const lines = [{ sku: 'A', name: 'A', quantity: 4, unit_price: 3_085 }]
    await shop.consume(OrderPaymentDue, due(order, 1, { lines, shipping: { amount: 0, currency: 'KWD' } }))
    await shop.becomes(order, 'action_required')
    assert.equal((await shop.saidOf(order, PaymentActionRequired)).length, 1)
    const [attempt] = await shop.attemptsOf(order)
    const session = await shop.stripe.checkout.sessions.retrieve(attempt?.['session_id'])
    assert.deepEqual([session.amount_total, session.currency], [12_340, 'kwd'])
  })

  test('that is to go back is refused at the door, by the field', async () => {
    const order = ordered(12_340, 'KWD')
    await shop.consume(OrderPaymentDue, due(order, 1, { lines: [], shipping: { amount: 0, currency: 'KWD' } }))
    await shop.becomes(order, 'action_required')
    const [attempt] = await shop.attemptsOf(order)
    await shop.pay(attempt?.['session_id'])
    await shop.becomes(order, 'succeeded')
    const path = `/payments/${attempt?.['payment_id']}/refunds`
    const back = (amount: number) =>
      shop.http('POST', path, { as: staff, body: { amount: { amount, currency: 'KWD' }, reason: 'broken' } })
    const refused = await back(1_234)
    assert.deepEqual([refused.status, refused.body.errors[0].field], [422, 'amount.amount'])
    assert.equal((await back(1_230)).status, 201)
    await eventually(async () => (await shop.refundsOf(order))[0]?.['status'] === 'succeeded', 'it went back')
    await shop.becomes(order, 'partially_refunded')
  })

  for (const [currency, amount, there] of [
    ['ISK', 1_500, 150_000],
    ['UGX', 20_000, 2_000_000],
    ['MGA', 5_000_000, 50_000],
    ['JPY', 1_500, 1_500],
    ['HUF', 1_234_567, 1_234_567],
  ] as const) {
    test(`in ${currency} is charged, told, and sent back as the same sum`, async () => {
      const order = ordered(amount, currency)
      await shop.consume(OrderPaymentDue, due(order, 1, { lines: [], shipping: { amount: 0, currency } }))
      await shop.becomes(order, 'action_required')
      const [attempt] = await shop.attemptsOf(order)
      const session = await shop.stripe.checkout.sessions.retrieve(attempt?.['session_id'])
      assert.equal(session.amount_total, there)
      await shop.pay(attempt?.['session_id'])
      await shop.becomes(order, 'succeeded')
      const path = `/payments/${attempt?.['payment_id']}/refunds`
      assert.equal((await shop.http('POST', path, { as: staff, body: { reason: 'broken' } })).status, 201)
      await shop.becomes(order, 'refunded')
      const { 'fees:stripe': _, ...ledger } = await shop.ledgerOf(order)
      assert.deepEqual(ledger, { sales: -amount, refunds: amount })
    })
  }
})

describe('what Stripe answers to an attempt to open a page', () => {
  const answers = new Map<string, object>()
  const server = createServer((request, response) => {
    request.resume().on('end', () => {
      response.writeHead(400, { 'content-type': 'application/json' })
      response.end(JSON.stringify({ error: { type: 'invalid_request_error', ...answers.get('next') } }))
    })
  })
  before(async () => {
    server.listen(0, '127.0.0.1')
    await once(server, 'listening')
  })
  after(() => server.close())

  const told = telling().asks(1)
  told.called()
  const call = { payment: told.record().payment, attempt: told.attempt(1), martId: 'mart' }
  async function opened(error: object) {
    answers.set('next', { message: 'no', ...error })
    const { port } = server.address() as AddressInfo
    const stripe = connectStripe({
      secretKey: 'sk_test_x',
      webhookSecrets: [],
      apiUrl: `http://127.0.0.1:${port}`,
      timeoutMs: 2_000,
      publicUrl: 'http://127.0.0.1',
    })
    return (await stripe.open(call)).news.kind
  }

  for (const [what, error, kind] of [
    ['amount_too_small', { code: 'amount_too_small' }, 'refused'],
    ['amount_too_large', { code: 'amount_too_large', param: 'line_items' }, 'refused'],
    [
      'a unit amount that is no integer',
      { code: 'parameter_invalid_integer', param: 'line_items[0][price_data][unit_amount]' },
      'refused',
    ],
    ['a bad amount', { code: 'parameter_invalid_integer', param: 'amount' }, 'refused'],
    ['a currency that it does not take', { param: 'line_items[0][price_data][currency]' }, 'refused'],
    ['a page that ends too late', { param: 'expires_at' }, 'nothing_made'],
    ['a bad address to return to', { code: 'url_invalid', param: 'success_url' }, 'failed'],
    ['a bad name', { param: 'line_items[0][price_data][product_data][name]' }, 'failed'],
  ] as const) {
    test(`${what} is ${kind}`, async () => assert.equal(await opened(error), kind))
  }
})

test('no session is made of a sum that Stripe cannot take', () => {
  const told = telling().asks(1)
  const payment = { ...told.record().payment, amount: 300_050, currency: 'MGA' } as Payment
  const attempt = { ...told.attempt(1), basket: null } as Attempt
  assert.throws(() => sessionParameters({ payment, attempt, martId: 'm', publicUrl: 'https://x' }), RangeError)
})
