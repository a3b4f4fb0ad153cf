import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import Stripe from 'stripe'
import type { Attempt, Payment } from '../src/payment-tables.ts'
import { verifiedEvent } from '../src/stripe/http.ts'
import { readEvent, type StripeSession } from '../src/stripe/stripe-event.ts'
import { newsOfSession, sessionKey, sessionParameters } from '../src/stripe/stripe-session.ts'
import { minutes, telling } from './telling.ts'

const session = (fields: Partial<StripeSession> = {}): StripeSession => ({
  id: 'cs_1',
  status: 'complete',
  payment_status: 'paid',
  payment_intent: 'pi_1',
  amount_total: 150_000,
  currency: 'pkr',
  client_reference_id: 'attempt',
  metadata: { mart_id: 'mart' },
  ...fields,
})

const eventOf = (type: string, object: object) => ({ id: 'evt_1', type, created: 1_760_000_000, data: { object } })

describe('what Stripe says', () => {
  const rupees = { amount: 150_000, currency: 'PKR' }
  const meanings: [string, object, unknown][] = [
    ['checkout.session.completed', session(), { kind: 'paid', money: rupees }],
    ['checkout.session.completed', session({ payment_status: 'no_payment_required' }), { kind: 'paid', money: rupees }],
    ['checkout.session.completed', session({ payment_status: 'unpaid' }), { kind: 'processing' }],
    ['checkout.session.async_payment_succeeded', session(), { kind: 'paid', money: rupees }],
    ['checkout.session.async_payment_failed', session(), { kind: 'failed', reason: 'the bank did not pay' }],
    ['checkout.session.expired', session({ status: 'expired' }), { kind: 'expired' }],
  ]
  for (const [type, object, news] of meanings) {
    test(`${type} (${(object as StripeSession).payment_status}) means ${(news as { kind: string }).kind}`, () => {
      assert.deepEqual(readEvent(eventOf(type, object)), {
        news,
        about: { attemptId: 'attempt', sessionId: 'cs_1', charge: 'pi_1' },
        martId: 'mart',
      })
    })
  }

  test('about a payment intent: what was received counts, a decline keeps its reason', () => {
    const intent = {
      id: 'pi_1',
      status: 'x',
      amount_received: 99,
      currency: 'usd',
      metadata: { attempt_id: 'a', mart_id: 'mart' },
    }
    const read = (type: string, more = {}) => readEvent(eventOf(type, { ...intent, ...more }))
    assert.deepEqual(read('payment_intent.succeeded')?.news, { kind: 'paid', money: { amount: 99, currency: 'USD' } })
    const declined = (error: object) => read('payment_intent.payment_failed', { last_payment_error: error })?.news
    const told = { kind: 'declined', reason: 'no funds' }
    const code = 'insufficient_funds'
    assert.deepEqual(declined({ message: 'no funds', code: 'card_declined', decline_code: code }), { ...told, code })
    assert.deepEqual(declined({ message: 'no funds', code }), { ...told, code })
    assert.deepEqual(declined({ message: 'no funds' }), { ...told, code: undefined })
    assert.deepEqual(read('payment_intent.canceled'), {
      news: { kind: 'expired' },
      about: { attemptId: 'a', sessionId: null, charge: 'pi_1' },
      martId: 'mart',
    })
  })

  test('about a dispute is found by its charge', () => {
    const dispute = { payment_intent: 'pi_1', amount: 150_000, currency: 'pkr', reason: 'fraudulent' }
    assert.deepEqual(readEvent(eventOf('charge.dispute.created', dispute)), {
      news: { kind: 'disputed', money: rupees, reason: 'fraudulent' },
      about: { attemptId: null, sessionId: null, charge: 'pi_1' },
      martId: null,
    })
  })

  for (const type of ['payment_intent.created', 'payment_intent.processing', 'charge.succeeded', 'customer.created']) {
    test(`${type} means nothing to us`, () => {
      assert.equal(readEvent(eventOf(type, { id: 'x', payment_status: 'unpaid' })), null)
    })
  }

  test('when asked what became of a session tells the end of the attempt', () => {
    const intent = { id: 'pi_1', amount_received: 150_000, currency: 'pkr', metadata: null }
    const unpaid = (status: string) => session({ payment_status: 'unpaid', payment_intent: { ...intent, status } })
    assert.equal(newsOfSession(session()).kind, 'paid')
    assert.equal(newsOfSession(session({ status: 'expired' })).kind, 'expired')
    assert.equal(newsOfSession(session({ status: 'open' })).kind, 'no_answer')
    assert.equal(newsOfSession(unpaid('processing')).kind, 'processing')
    assert.equal(newsOfSession(unpaid('succeeded')).kind, 'paid')
    assert.equal(newsOfSession(unpaid('requires_payment_method')).kind, 'failed')
  })
})

describe('the session of an attempt', () => {
  const told = telling().asks(1)
  told.called()
  const { payment } = told.record()
  const attempt = told.attempt(1)
  const wanted = (lines: { name: string; quantity: number; unit_price: number }[], shipping = 0, amount = 150_000) =>
    sessionParameters({
      payment: { ...payment, amount } as Payment,
      attempt: { ...attempt, basket: { number: 'M-7', email: null, lines, shipping } } as Attempt,
      martId: 'mart',
      publicUrl: 'https://shop.example',
    })
  const itemsOf = (parameters: ReturnType<typeof wanted>) =>
    parameters.line_items.map(({ quantity, price_data }) => [
      price_data.product_data.name,
      quantity,
      price_data.unit_amount,
    ])

  test('names the attempt in all places, and leads the buyer back with his token', () => {
    const parameters = sessionParameters({ payment, attempt, martId: 'mart', publicUrl: 'https://shop.example' })
    const metadata = { order_id: 'order', attempt_id: attempt.id, mart_id: 'mart' }
    assert.equal(parameters.client_reference_id, attempt.id)
    assert.deepEqual(parameters.metadata, metadata)
    assert.deepEqual(parameters.payment_intent_data.metadata, metadata)
    assert.equal(parameters.success_url, `https://shop.example/payments/return/${attempt.id}?t=token-1`)
    assert.equal(parameters.customer_email, 'a@b.example')
    assert.equal(parameters.expires_at, minutes(32).getTime() / 1000)
    assert.deepEqual(
      sessionParameters({ payment, attempt, martId: 'mart', publicUrl: 'https://shop.example' }),
      parameters,
    )
  })

  test('has the lines of the order and its shipping', () => {
    const lines = [{ name: 'Tea', quantity: 2, unit_price: 60_000 }]
    assert.deepEqual(itemsOf(wanted(lines, 30_000)), [
      ['Tea', 2, 60_000],
      ['Shipping', 1, 30_000],
    ])
  })

  test('has one line where the lines are not the whole sum, or too many', () => {
    const one = { name: 'Tea', quantity: 1, unit_price: 1_500 }
    assert.deepEqual(itemsOf(wanted([one])), [['Order M-7', 1, 150_000]])
    const many = Array.from({ length: 100 }, () => one)
    assert.equal(itemsOf(wanted(many, 0)).length, 100)
    assert.deepEqual(itemsOf(wanted(many, 100, 150_100)), [['Order M-7', 1, 150_100]])
  })

  test('has a key of its own, and another when the first is used up', () => {
    assert.equal(sessionKey(attempt), `cs:${attempt.id}`)
    assert.equal(sessionKey({ ...attempt, key_number: 2 }), `cs:${attempt.id}:2`)
  })
})

describe('the signature of a notification', () => {
  const body = '{"id":"evt_1","object":"event","type":"payment_intent.succeeded"}'
  const sign = (secret: string, timestamp = Math.floor(Date.now() / 1000)) =>
    Stripe.webhooks.generateTestHeaderString({ payload: body, secret, timestamp })

  test('is the one of the documents', () => {
    const expected = '74c70c03eb8a53f70e530eaab0d7b269506bae2068b29fcc7ba5349fd732e6b1'
    assert.match(sign('whsec_test_secret', 1_760_000_000), new RegExp(`v1=${expected}`))
  })

  test('is taken from any of the secrets, the old and the new', () => {
    const payload = JSON.stringify({ ...JSON.parse(body), created: 1_760_000_000, data: { object: {} } })
    for (const secret of ['whsec_old', 'whsec_new']) {
      const signature = Stripe.webhooks.generateTestHeaderString({ payload, secret })
      assert.equal(verifiedEvent(Buffer.from(payload), signature, ['whsec_new', 'whsec_old']).id, 'evt_1')
    }
  })

  for (const [what, signature, bytes] of [
    ['of another secret', sign('whsec_other'), body],
    ['absent', undefined, body],
    ['empty', '', body],
    ['ten minutes old', sign('whsec_new', Math.floor(Date.now() / 1000) - 600), body],
    ['for a body with one more byte', sign('whsec_new'), `${body} `],
  ] as const) {
    test(`is refused when it is ${what}`, () => {
      assert.throws(() => verifiedEvent(Buffer.from(bytes), signature, ['whsec_new']), { code: 'bad_signature' })
    })
  }

  test('is refused by a shop that has no secret', () => {
    assert.throws(() => verifiedEvent(Buffer.from(body), sign('whsec_new'), []), { code: 'bad_signature' })
  })
})
