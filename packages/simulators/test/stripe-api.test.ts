import assert from 'node:assert/strict'
import { test } from 'node:test'
import type Stripe from 'stripe'
import { apiKey, sdk, sessionOf, startFixture, submit } from './stripe-fixture.ts'

type Params = Stripe.Checkout.SessionCreateParams

test('one idempotency key makes one session, however often it is sent', async (t) => {
  const { stripe } = await startFixture(t)
  const first = await stripe.checkout.sessions.create(sessionOf(150_000), { idempotencyKey: 'cs:attempt-1' })
  const again = await stripe.checkout.sessions.create(sessionOf(150_000), { idempotencyKey: 'cs:attempt-1' })
  assert.equal(again.id, first.id)
  assert.equal(again.lastResponse.headers['idempotent-replayed'], 'true')
  assert.equal((await stripe.checkout.sessions.list()).data.length, 1)
})

test('a key used for other parameters or another endpoint is refused', async (t) => {
  const { stripe } = await startFixture(t)
  await stripe.checkout.sessions.create(sessionOf(150_000), { idempotencyKey: 'cs:attempt-1' })
  const other = { type: 'StripeIdempotencyError', statusCode: 400 }
  await assert.rejects(stripe.checkout.sessions.create(sessionOf(150_001), { idempotencyKey: 'cs:attempt-1' }), {
    ...other,
    message: /same parameters/,
  })
  await assert.rejects(stripe.refunds.create({ charge: 'ch_1' }, { idempotencyKey: 'cs:attempt-1' }), {
    ...other,
    message: /same endpoint/,
  })
})

test('a key whose first request is still being answered is refused with 409', async (t) => {
  const { stripe, control } = await startFixture(t)
  await control({ answer_delay_ms: 300 })
  const slow = stripe.checkout.sessions.create(sessionOf(150_000), { idempotencyKey: 'cs:attempt-1' })
  await new Promise((passed) => setTimeout(passed, 100))
  await assert.rejects(stripe.checkout.sessions.create(sessionOf(150_000), { idempotencyKey: 'cs:attempt-1' }), {
    statusCode: 409,
    code: 'idempotency_key_in_use',
  })
  assert.equal((await slow).object, 'checkout.session')
})

test('a request that was refused for its parameters leaves its key free', async (t) => {
  const { stripe } = await startFixture(t)
  const options = { idempotencyKey: 'cs:attempt-1' }
  await assert.rejects(stripe.checkout.sessions.create({ ...sessionOf(150_000), success_url: 'shop' }, options))
  assert.ok(await stripe.checkout.sessions.create(sessionOf(150_000), options))
})

const soonS = () => Math.floor(Date.now() / 1000)
const line = sessionOf(150_000).line_items[0]
for (const { what, params, refusal } of [
  {
    what: 'an unknown parameter',
    params: { payment_method_types: ['card'] },
    refusal: { code: 'parameter_unknown', param: 'payment_method_types' },
  },
  {
    what: 'an unknown parameter deep inside',
    params: { line_items: [{ ...line, price_data: { ...line?.price_data, colour: 'red' } }] },
    refusal: { code: 'parameter_unknown', param: 'line_items[0][price_data][colour]' },
  },
  {
    what: 'a parameter that only Stripe knows',
    params: { automatic_tax: { enabled: true } },
    refusal: { param: 'automatic_tax', message: /this simulator does not/ },
  },
  { what: 'a missing parameter', params: { mode: undefined }, refusal: { code: 'parameter_missing', param: 'mode' } },
  { what: 'no lines', params: { line_items: [] }, refusal: { code: 'parameter_missing', param: 'line_items' } },
  {
    what: 'a quantity that is no whole number',
    params: { line_items: [{ ...line, quantity: 1.5 }] },
    refusal: { code: 'parameter_invalid_integer', param: 'line_items[0][quantity]' },
  },
  { what: 'a currency that is none', params: sessionOf(500, 'xxy'), refusal: { message: /Invalid currency: xxy/ } },
  { what: 'an amount below the minimum', params: sessionOf(49, 'usd'), refusal: { code: 'amount_too_small' } },
  {
    what: 'fils that a dinar cannot be charged in',
    params: sessionOf(1505, 'kwd'),
    refusal: { code: 'parameter_invalid_integer' },
  },
  {
    what: 'an expiry in 29 minutes',
    params: { expires_at: soonS() + 29 * 60 },
    refusal: { param: 'expires_at', message: /at least 30 minutes/ },
  },
  {
    what: 'an expiry in 25 hours',
    params: { expires_at: soonS() + 25 * 3600 },
    refusal: { param: 'expires_at', message: /less than 24 hours/ },
  },
]) {
  test(`${what} is refused by name, and nothing is made`, async (t) => {
    const { stripe } = await startFixture(t)
    const asked = stripe.checkout.sessions.create({ ...sessionOf(150_000), ...params } as Params)
    await assert.rejects(asked, { type: 'StripeInvalidRequestError', statusCode: 400, ...refusal })
    assert.deepEqual((await stripe.checkout.sessions.list()).data, [])
  })
}

test('a parameter named like a part of every object is a name like any other', async (t) => {
  const { url } = await startFixture(t)
  const answer = await fetch(`${url}/v1/refunds`, {
    method: 'POST',
    headers: { authorization: `Basic ${btoa(`${apiKey}:`)}` },
    body: new URLSearchParams({ '__proto__[amount]': '1', 'constructor[prototype][amount]': '1' }),
  })
  const { error } = (await answer.json()) as { error: { code: string } }
  assert.equal(error.code, 'parameter_unknown')
  assert.equal(Object.hasOwn(Object.prototype, 'amount'), false)
})

test('a wrong or missing API key is 401', async (t) => {
  const { url } = await startFixture(t)
  await assert.rejects(sdk(url, 'sk_test_of_someone_else').checkout.sessions.list(), {
    type: 'StripeAuthenticationError',
    statusCode: 401,
  })
  assert.equal((await fetch(`${url}/v1/events`)).status, 401)
})

test('an unknown address, JSON instead of a form and another API version get an error envelope', async (t) => {
  const { url } = await startFixture(t)
  const headers = { authorization: `Bearer ${apiKey}` }
  for (const [address, init, status] of [
    ['/v1/customers', { headers }, 404],
    ['/v1/refunds', { method: 'POST', headers: { ...headers, 'content-type': 'application/json' }, body: '{}' }, 400],
    ['/v1/events', { headers: { ...headers, 'stripe-version': '2020-08-27' } }, 400],
  ] as const) {
    const answer = await fetch(url + address, init)
    const { error } = (await answer.json()) as { error: { type: string } }
    assert.deepEqual([answer.status, error.type], [status, 'invalid_request_error'])
    assert.match(answer.headers.get('request-id') ?? '', /^req_/)
  }
})

test('an id that names nothing is resource_missing', async (t) => {
  const { stripe } = await startFixture(t)
  const missing = { statusCode: 404, code: 'resource_missing' }
  await assert.rejects(stripe.checkout.sessions.retrieve('cs_test_none'), missing)
  await assert.rejects(stripe.paymentIntents.retrieve('constructor'), missing)
  await assert.rejects(stripe.charges.retrieve('ch_none'), missing)
  await assert.rejects(stripe.refunds.create({ payment_intent: 'pi_none' }), { ...missing, statusCode: 400 })
})

test('an intent of a session is cancelled through its session only', async (t) => {
  const { stripe } = await startFixture(t)
  const { id, url } = await stripe.checkout.sessions.create(sessionOf(150_000))
  await submit(url ?? '', { card_number: '4000000000000002' })
  const { payment_intent: intent } = await stripe.checkout.sessions.retrieve(id)
  await assert.rejects(stripe.paymentIntents.cancel(String(intent)), { code: 'payment_intent_unexpected_state' })
})

test('lists come newest first in pages, filtered, with what was asked expanded', async (t) => {
  const { stripe } = await startFixture(t)
  const made: string[] = []
  for (const amount of [15_000, 16_000, 17_000]) {
    made.unshift((await stripe.checkout.sessions.create(sessionOf(amount))).id)
  }
  const seen: string[] = []
  for await (const session of stripe.checkout.sessions.list({ limit: 1 })) seen.push(session.id)
  assert.deepEqual(seen, made)
  const before = await stripe.checkout.sessions.list({ limit: 1, ending_before: made[2] ?? '' })
  assert.deepEqual([before.data[0]?.id, before.has_more], [made[1], true])

  const paid = await stripe.checkout.sessions.retrieve(made[0] ?? '')
  await submit(paid.url ?? '')
  const { payment_intent: intent } = await stripe.checkout.sessions.retrieve(paid.id)
  const found = await stripe.checkout.sessions.list({
    payment_intent: String(intent),
    expand: ['data.line_items', 'data.payment_intent.latest_charge'],
  })
  assert.equal(found.data[0]?.line_items?.data[0]?.amount_total, 17_000)
  const expandedIntent = found.data[0]?.payment_intent as Stripe.PaymentIntent | undefined
  assert.equal((expandedIntent?.latest_charge as Stripe.Charge | undefined)?.amount, 17_000)

  const events = await stripe.events.list({
    types: ['charge.*', 'payment_intent.created'],
    created: { gte: paid.created },
  })
  assert.deepEqual(
    events.data.map((event) => event.type),
    ['charge.succeeded', 'payment_intent.created'],
  )
  const inPages: string[] = []
  for await (const { id } of stripe.events.list({ types: ['payment_intent.created', 'charge.succeeded'], limit: 1 })) {
    inPages.push(id)
  }
  assert.deepEqual(
    inPages,
    events.data.map(({ id }) => id),
  )
  await assert.rejects(stripe.checkout.sessions.list({ expand: ['data.colour'] }), { message: /cannot be expanded/ })
})
