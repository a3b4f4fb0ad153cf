import assert from 'node:assert/strict'
import { type TestContext, test } from 'node:test'
import type Stripe from 'stripe'
import { send, sessionOf, startFixture, submit, until } from './stripe-fixture.ts'

async function startPaid(t: TestContext, form: Record<string, string> = {}) {
  const fixture = await startFixture(t)
  const { id, url } = await fixture.stripe.checkout.sessions.create(sessionOf(150_000))
  await submit(url ?? '', form)
  const { payment_intent: intent } = await fixture.stripe.checkout.sessions.retrieve(id)
  return { ...fixture, intent: String(intent) }
}

test('a payment is refunded in parts, then the rest, and no more', async (t) => {
  const { stripe, intent, receiver, types } = await startPaid(t)
  const part = await stripe.refunds.create({ payment_intent: intent, amount: 50_000, metadata: { refund_id: 'r-1' } })
  assert.deepEqual([part.amount, part.status, part.metadata?.['refund_id']], [50_000, 'succeeded', 'r-1'])
  await assert.rejects(stripe.refunds.create({ payment_intent: intent, amount: 100_001 }), {
    param: 'amount',
    message: /Refund amount \(Rs\s1,000\.01\) is greater than unrefunded amount on charge \(Rs\s1,000\.00\)/,
  })
  const rest = await stripe.refunds.create({ payment_intent: intent })
  assert.equal(rest.amount, 100_000)
  await assert.rejects(stripe.refunds.create({ payment_intent: intent }), { code: 'charge_already_refunded' })

  await until('both refunds', () => types().filter((type) => type === 'charge.refunded').length === 2)
  const cumulative = receiver.events
    .filter((event) => event.type === 'charge.refunded')
    .map((event) => [
      (event.data.object as Stripe.Charge).amount_refunded,
      (event.data.object as Stripe.Charge).refunded,
    ])
  assert.deepEqual(cumulative.sort(), [
    [150_000, true],
    [50_000, false],
  ])
  assert.equal(types().filter((type) => type === 'refund.created').length, 2)
  assert.deepEqual(
    (await stripe.refunds.list({ payment_intent: intent })).data.map((refund) => refund.id),
    [rest.id, part.id],
  )
  const charge = await stripe.charges.retrieve(String(part.charge), { expand: ['refunds'] })
  assert.equal(charge.refunds?.data.length, 2)
})

test('the same refund key refunds once, also when two requests race', async (t) => {
  const { stripe, intent } = await startPaid(t)
  const ask = () => stripe.refunds.create({ payment_intent: intent, amount: 50_000 }, { idempotencyKey: 'refund:1' })
  const answers = await Promise.all([ask(), ask()])
  assert.equal(answers[0].id, answers[1].id)
  assert.equal((await stripe.refunds.list()).data.length, 1)
})

test('an unpaid intent, nothing named, and amounts that are none are refused', async (t) => {
  const { stripe } = await startFixture(t)
  const { id, url } = await stripe.checkout.sessions.create(sessionOf(150_000))
  await submit(url ?? '', { card_number: '4000000000000002' })
  const intent = String((await stripe.checkout.sessions.retrieve(id)).payment_intent)
  await assert.rejects(stripe.refunds.create({ payment_intent: intent }), { message: /successful charge to refund/ })
  await assert.rejects(stripe.refunds.create({}), { code: 'parameter_missing' })
  for (const amount of [0, -1])
    await assert.rejects(stripe.refunds.create({ payment_intent: intent, amount }), { param: 'amount' })
})

test('a refund that had succeeded can fail later, and its money is there again', async (t) => {
  const { stripe, intent, url, types } = await startPaid(t, { card_number: '4000000000005126' })
  const refund = await stripe.refunds.create({ payment_intent: intent })
  assert.equal(refund.status, 'succeeded')
  await send(`${url}/control/refunds/${refund.id}/async`, { json: { outcome: 'failed' } })
  await until('the failure', () => types().includes('refund.failed'))
  const failed = await stripe.refunds.retrieve(refund.id)
  assert.deepEqual([failed.status, failed.failure_reason], ['failed', 'lost_or_stolen_card'])
  const charge = await stripe.charges.retrieve(String(refund.charge))
  assert.deepEqual([charge.amount_refunded, charge.refunded], [0, false])
})

test('a refund may be pending first and succeed by itself', async (t) => {
  const { stripe, intent, types } = await startPaid(t, { card_number: '4000000000007726' })
  const refund = await stripe.refunds.create({ payment_intent: intent })
  assert.equal(refund.status, 'pending')
  await until('its end', () => types().includes('refund.updated'), 8000)
  assert.equal((await stripe.refunds.retrieve(refund.id)).status, 'succeeded')
})
