import assert from 'node:assert/strict'
import { randomUUID } from 'node:crypto'
import { after, before, describe, test } from 'node:test'
import Stripe from 'stripe'
import { newPayfastOrder, startPayfastShop, told } from './payfast-fixture.ts'
import { newOrder, SECRET, startShop } from './payment-fixture.ts'

const nested = (levels: number) => `${'{"a":'.repeat(levels)}1${'}'.repeat(levels)}`
const event = (more: object) =>
  JSON.stringify({ id: `evt_${randomUUID()}`, object: 'event', created: 1_760_000_000, type: 'x.y', ...more })
const about = (type: string, object: unknown) => event({ type, data: { object } })

const session = {
  id: 'cs_1',
  status: 'complete',
  payment_status: 'paid',
  payment_intent: 'pi_1',
  amount_total: 150_000,
  currency: 'pkr',
  client_reference_id: null,
  metadata: {},
}
const intent = { id: 'pi_1', status: 'succeeded', amount_received: 1, currency: 'pkr', metadata: {} }
const refund = { id: 're_1', payment_intent: 'pi_1', amount: 1, currency: 'pkr', status: 'succeeded', metadata: {} }
const charge = { payment_intent: 'pi_1', amount_refunded: 1, currency: 'pkr', metadata: {} }
const dispute = { payment_intent: 'pi_1', amount: 1, currency: 'pkr', reason: 'fraudulent', status: 'lost' }
const whole: [string, Record<string, unknown>][] = [
  ['checkout.session.completed', session],
  ['payment_intent.succeeded', intent],
  ['refund.updated', refund],
  ['charge.refunded', charge],
  ['charge.dispute.closed', dispute],
]
const wrong = [null, [], {}, 'x', 1.5, -1, 1e300, true, '\ud800', 'a\0b', { id: 7 }, [[]], 'x'.repeat(6_000)]
describe('what Stripe has signed, but never sends', () => {
  let shop: Awaited<ReturnType<typeof startShop>>
  before(async () => {
    shop = await startShop()
  })
  after(() => shop.stop())

  const sent = (body: string) =>
    shop.http('POST', '/webhooks/stripe', {
      body,
      headers: { 'stripe-signature': Stripe.webhooks.generateTestHeaderString({ payload: body, secret: SECRET }) },
    })

  for (const [what, body] of [
    ['null', 'null'],
    ['an array', '[]'],
    ['an empty object', '{}'],
    ['a text', '"x"'],
    ['a number', '1e999'],
    ['no JSON', '{'],
    ['nothing', ''],
    ['an array of events', `[${about('x.y', {})}]`],
    ['an event without data', event({})],
    ['an event whose data is null', event({ data: null })],
    ['an event without an object', event({ data: {} })],
    ['an event whose object is null', about('x.y', null)],
    ['an event whose object is an array', about('x.y', [])],
    ['an event whose object is a text', about('x.y', 'x')],
    ['an event with a numeric id', event({ id: 7, data: { object: {} } })],
    ['an event without an id', event({ id: undefined, data: { object: {} } })],
    ['an event with an id of 300 letters', event({ id: 'e'.repeat(300), data: { object: {} } })],
    ['an event with NUL in its id', event({ id: 'evt\0', data: { object: {} } })],
    ['an event with half a character in its type', event({ type: 'x.\ud800', data: { object: {} } })],
    ['an event of no type', event({ type: null, data: { object: {} } })],
    ['an event of no time', event({ created: 'yesterday', data: { object: {} } })],
    ['an event of the year 50,000,000', event({ created: 1e15, data: { object: {} } })],
    ['an object of 10,000 levels', nested(10_000)],
    [
      'an event whose object has 10,000 levels',
      event({ data: { object: 0 } }).replace('"object":0', `"object":${nested(10_000)}`),
    ],
    ['arrays of 60,000 levels', '['.repeat(60_000) + ']'.repeat(60_000)],
    ...whole.map(([type]) => [`a ${type} of nothing`, about(type, {})] as const),
  ] as const) {
    test(`${what} is refused with 400 and one line in the log`, async (t) => {
      const lines = t.mock.method(shop.service.logger, 'warn', () => {})
      const answer = await sent(body)
      assert.deepEqual([answer.status, answer.body.code], [400, 'malformed_event'])
      assert.equal(lines.mock.callCount(), 1)
    })
  }

  test('an object with any of its fields missing or of a wrong kind is no fault of ours', async () => {
    for (const [type, object] of whole) {
      for (const field of Object.keys(object)) {
        for (const value of wrong) {
          const answer = await sent(about(type, { ...object, [field]: value }))
          const what = `${answer.status} for ${type} with ${field}: ${JSON.stringify(value).slice(0, 40)}`
          assert.ok(answer.status === 200 || answer.body.code === 'malformed_event', what)
          if (Array.isArray(value)) assert.equal(answer.status, 400, what)
        }
      }
    }
  })

  test('the same about a payment that is here is refused too, and leaves it as it was', async () => {
    const order = newOrder()
    await shop.open(order)
    const [attempt] = await shop.attemptsOf(order)
    for (const more of [{ amount_total: null }, { amount_total: 1e18 }, { amount_total: '150000' }, { currency: 7 }]) {
      const object = { ...session, client_reference_id: attempt?.['id'], ...more }
      assert.equal((await sent(about('checkout.session.completed', object))).status, 400)
    }
    for (const more of [{ currency: null }, { currency: 'x'.repeat(99) }, { amount_total: 0 }, { currency: 'ISK' }]) {
      const another = newOrder()
      await shop.open(another)
      const [its] = await shop.attemptsOf(another)
      const object = { ...session, payment_intent: `pi_${randomUUID()}`, client_reference_id: its?.['id'], ...more }
      assert.equal((await sent(about('checkout.session.completed', object))).status, 200)
      assert.equal((await shop.paymentOf(another))?.['status'], 'failed')
    }
    assert.equal((await shop.paymentOf(order))?.['status'], 'action_required')
  })
})

describe('what PayFast might tell', () => {
  let shop: Awaited<ReturnType<typeof startPayfastShop>>
  before(async () => {
    shop = await startPayfastShop()
  })
  after(() => shop.stop())

  const signed = (basketId: string, code: string) => told(basketId, { err_code: code })

  test('in whatever form is answered 200 or 4xx', async () => {
    const { id } = await shop.open(newPayfastOrder())
    const right = signed(id, '000')
    const query = (fields: Record<string, string>) => String(new URLSearchParams(fields))
    const json = 'application/json'
    const form = 'application/x-www-form-urlencoded'
    const gets = [
      `${query(right)}&err_code=97&err_code=97`,
      `${query(right)}&transaction_id[]=a&transaction_id[]=b`,
      `${query(right)}&${'a=b&'.repeat(1_000)}`,
      `${query(right)}&transaction_amount=%E0%A4%A&merchant_amount=%00`,
      `${query(right)}?basket_id=${id}`,
      query(signed('x'.repeat(4_000), '000')),
      query(signed(id, '9'.repeat(4_000))),
      query(signed('\ud83d', '000')),
      query(signed('a\0b', '0\x010')),
      query(signed("'; drop table payments; --", '000')),
      'basket_id&err_code&validation_hash',
      '',
    ]
    for (const text of gets) {
      const { status } = await shop.http('GET', `/webhooks/payfast?${text}`)
      assert.ok(status === 200 || (status >= 400 && status < 500), `${status} for GET ${text.slice(0, 60)}`)
    }
    const posts: [string, string][] = [
      ...['null', '[]', '{}', '"x"', '[{"a":1}]', '{"a":', '1e999', nested(10_000)].map(
        (body) => [json, body] as [string, string],
      ),
      [json, JSON.stringify({ ...right, transaction_id: ['a', 'b'], merchant_amount: { a: 1 } })],
      [json, JSON.stringify({ ...right, basket_id: [id], err_code: 0 })],
      [json, JSON.stringify({ ...right, transaction_amount: 1e300, order_date: 'x'.repeat(9_000), err_msg: '\ud800' })],
      [json, JSON.stringify({ ...right, __proto__: null, constructor: 'x' })],
      [form, `${query(right)}&basket_id=other`],
      [form, '&&&==&=&%'],
      ['text/xml', '<a/>'],
    ]
    for (const [type, body] of posts) {
      const { status } = await shop.http('POST', '/webhooks/payfast', { body, headers: { 'content-type': type } })
      assert.ok(status === 200 || (status >= 400 && status < 500), `${status} for POST ${body.slice(0, 60)}`)
    }
  })

  test('of a basket or with a code that it could not have is refused, though the hash is right', async () => {
    for (const fields of [
      signed('x'.repeat(4_000), '000'),
      signed(randomUUID(), '9'.repeat(21)),
      signed('a b', '00'),
    ]) {
      const answer = await shop.http('GET', `/webhooks/payfast?${new URLSearchParams(fields)}`)
      assert.deepEqual([answer.status, answer.body.code], [400, 'bad_signature'])
    }
  })
})
