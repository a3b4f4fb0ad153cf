import assert from 'node:assert/strict'
import { test } from 'node:test'
import type Stripe from 'stripe'
import { signatureHeader } from '../src/stripe/webhooks.ts'
import { sdk, send, sessionOf, startFixture, submit, until } from './stripe-fixture.ts'

const inMinutes = (minutes: number) => Math.floor(Date.now() / 1000) + minutes * 60

test('the signature is the one that Stripe publishes for these bytes', () => {
  const payload = '{"id":"evt_1","object":"event","type":"payment_intent.succeeded"}'
  const header = signatureHeader(payload, { secret: 'whsec_test_secret', atS: 1_760_000_000 })
  assert.equal(header, 't=1760000000,v1=74c70c03eb8a53f70e530eaab0d7b269506bae2068b29fcc7ba5349fd732e6b1')
  assert.equal(
    header,
    sdk('http://127.0.0.1:1').webhooks.generateTestHeaderString({
      payload,
      secret: 'whsec_test_secret',
      timestamp: 1_760_000_000,
    }),
  )
})

test('a buyer pays on the hosted page, and every event arrives signed and whole', async (t) => {
  const { stripe, receiver, types } = await startFixture(t)
  const session = await stripe.checkout.sessions.create({ ...sessionOf(150_000), expires_at: inMinutes(31) })
  assert.match(session.id, /^cs_test_/)
  assert.deepEqual(
    [session.status, session.payment_status, session.payment_intent, session.amount_total, session.currency],
    ['open', 'unpaid', null, 150_000, 'pkr'],
  )

  const page = await (await fetch(session.url ?? '')).text()
  assert.match(page, /Rs\s1,500\.00/)
  assert.match(page, /Tea &lt;450 g&gt;/)

  const paid = await submit(session.url ?? '', { card_number: '4242 4242 4242 4242' })
  assert.equal(paid.status, 303)
  assert.equal(paid.headers.get('location'), `http://127.0.0.1:9/return?session_id=${session.id}`)

  await until('four events', () => receiver.events.length === 4)
  assert.deepEqual(types(), [
    'charge.succeeded',
    'checkout.session.completed',
    'payment_intent.created',
    'payment_intent.succeeded',
  ])
  const completed = receiver.events.find((event) => event.type === 'checkout.session.completed')
  assert.equal(completed?.api_version, '2026-10-28.endive')
  assert.equal(completed?.livemode, false)
  const object = completed?.data.object as Stripe.Checkout.Session
  assert.equal(object.payment_status, 'paid')
  assert.equal(object.client_reference_id, 'attempt-1')
  const intent = await stripe.paymentIntents.retrieve(String(object.payment_intent), { expand: ['latest_charge'] })
  assert.deepEqual(
    [intent.status, intent.amount_received, intent.metadata['order_id']],
    ['succeeded', 150_000, 'order-1'],
  )
  assert.equal((intent.latest_charge as Stripe.Charge).paid, true)
})

test('a declined card leaves the session open, and the next card pays the same intent', async (t) => {
  const { stripe, receiver, types } = await startFixture(t)
  const { id, url } = await stripe.checkout.sessions.create(sessionOf(150_000))
  const declined = await submit(url ?? '', { card_number: '4000000000000002' })
  assert.equal(declined.status, 402)
  assert.match(await declined.text(), /Your card was declined\./)
  assert.match(await (await submit(url ?? '', { card_number: '4000000000009995' })).text(), /insufficient funds/)
  assert.match(await (await submit(url ?? '', { card_number: '12' })).text(), /Your card number is incorrect/)
  await until('two failures', () => types().filter((type) => type === 'payment_intent.payment_failed').length === 2)
  const failure = receiver.events.findLast((event) => event.type === 'payment_intent.payment_failed')
  const failed = failure?.data.object as Stripe.PaymentIntent
  assert.equal(failed.status, 'requires_payment_method')
  assert.equal(failed.last_payment_error?.code, 'card_declined')
  assert.equal((await submit(url ?? '', { card_number: '4242424242424242' })).status, 303)
  const session = await stripe.checkout.sessions.retrieve(id)
  assert.deepEqual([session.payment_intent, session.payment_status], [failed.id, 'paid'])
  assert.equal(types().filter((type) => type === 'payment_intent.created').length, 1)
})

test('a card may ask for 3-D Secure: failed it takes no money, passed it pays', async (t) => {
  const { stripe, types } = await startFixture(t)
  const { id, url } = await stripe.checkout.sessions.create(sessionOf(150_000))
  const asked = await submit(url ?? '', { card_number: '4000002500003155' })
  assert.match(await asked.text(), /3-D Secure/)
  assert.equal((await submit(url ?? '', { challenge: 'failed' })).status, 402)
  await submit(url ?? '', { card_number: '4000002500003155' })
  assert.equal((await submit(url ?? '', { challenge: 'passed' })).status, 303)
  assert.equal((await stripe.checkout.sessions.retrieve(id)).payment_status, 'paid')
  await until('success', () => types().includes('payment_intent.succeeded'))
  assert.equal(types().filter((type) => type === 'charge.succeeded').length, 1)
})

for (const { outcome, said, status } of [
  { outcome: 'succeeded', said: 'checkout.session.async_payment_succeeded', status: 'paid' },
  { outcome: 'failed', said: 'checkout.session.async_payment_failed', status: 'unpaid' },
]) {
  test(`a bank debit completes the session unpaid, and ${outcome} later`, async (t) => {
    const { stripe, types, url } = await startFixture(t)
    const session = await stripe.checkout.sessions.create(sessionOf(150_000))
    assert.equal((await submit(session.url ?? '', { bank_debit: 'waits' })).status, 303)
    const complete = await stripe.checkout.sessions.retrieve(session.id, { expand: ['payment_intent'] })
    assert.deepEqual([complete.status, complete.payment_status], ['complete', 'unpaid'])
    assert.equal((complete.payment_intent as Stripe.PaymentIntent).status, 'processing')
    assert.equal((await send(`${url}/control/sessions/${session.id}/async`, { json: { outcome } })).status, 200)
    await until(said, () => types().includes(said))
    assert.equal((await stripe.checkout.sessions.retrieve(session.id)).payment_status, status)
    assert.equal((await send(`${url}/control/sessions/${session.id}/async`, { json: { outcome } })).status, 400)
  })
}

test('cancelling on the page goes back to the shop and leaves the session open', async (t) => {
  const { stripe } = await startFixture(t)
  const { id, url } = await stripe.checkout.sessions.create(sessionOf(150_000))
  const back = await submit(`${url}/cancel`)
  assert.deepEqual([back.status, back.headers.get('location')], [303, 'http://127.0.0.1:9/cart'])
  assert.equal((await stripe.checkout.sessions.retrieve(id)).status, 'open')
})

test('an expired session says so, cancels its intent and takes no payment', async (t) => {
  const { stripe, types } = await startFixture(t)
  const { id, url } = await stripe.checkout.sessions.create(sessionOf(150_000))
  await submit(url ?? '', { card_number: '4000000000000002' })
  const expired = await stripe.checkout.sessions.expire(id)
  assert.deepEqual([expired.status, expired.url], ['expired', null])
  await until('its events', () => types().includes('checkout.session.expired'))
  assert.ok(types().includes('payment_intent.canceled'))
  assert.equal((await submit(url ?? '', { card_number: '4242424242424242' })).status, 410)
  assert.equal((await stripe.checkout.sessions.retrieve(id)).payment_status, 'unpaid')
})

test('a session expires by itself when its time is over', async (t) => {
  const { stripe, types } = await startFixture(t)
  const { id } = await stripe.checkout.sessions.create({ ...sessionOf(150_000), expires_at: inMinutes(31) })
  t.mock.timers.enable({ apis: ['Date'], now: Date.now() + 32 * 60_000 })
  const real = process.hrtime.bigint()
  while (!types().includes('checkout.session.expired')) {
    assert.ok(process.hrtime.bigint() - real < 5_000_000_000n, 'no expiry within five seconds')
    await new Promise((passed) => setTimeout(passed, 20))
  }
  assert.equal((await stripe.checkout.sessions.retrieve(id)).status, 'expired')
})

test('a complete session cannot be expired, and a second submit takes no second payment', async (t) => {
  const { stripe, types } = await startFixture(t)
  const { id, url } = await stripe.checkout.sessions.create(sessionOf(150_000))
  await Promise.all([submit(url ?? ''), submit(url ?? '')])
  await assert.rejects(stripe.checkout.sessions.expire(id), {
    type: 'StripeInvalidRequestError',
    statusCode: 400,
    message:
      'Only Checkout Sessions with a status in ["open"] can be expired. This Checkout Session has a status of `complete`.',
  })
  await until('the payment', () => types().includes('checkout.session.completed'))
  assert.equal(types().filter((type) => type === 'charge.succeeded').length, 1)
})

for (const { currency, amount, shown } of [
  { currency: 'jpy', amount: 1500, shown: '¥1,500<' },
  { currency: 'usd', amount: 1500, shown: '$15.00<' },
  { currency: 'kwd', amount: 1500, shown: 'KWD\u00a01.500<' },
]) {
  test(`${amount} of ${currency} is shown with its own decimals`, async (t) => {
    const { stripe } = await startFixture(t)
    const { url } = await stripe.checkout.sessions.create(sessionOf(amount, currency))
    assert.ok((await (await fetch(url ?? '')).text()).includes(`<p class="amount">${shown}`))
  })
}
