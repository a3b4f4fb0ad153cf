import assert from 'node:assert/strict'
import { type TestContext, test } from 'node:test'
import type Stripe from 'stripe'
import { send, sessionOf, startFixture, submit, until } from './stripe-fixture.ts'

async function startPaid(t: TestContext) {
  const fixture = await startFixture(t)
  const { id, url } = await fixture.stripe.checkout.sessions.create(sessionOf(150_000))
  await submit(url ?? '')
  const { payment_intent: intent } = await fixture.stripe.checkout.sessions.retrieve(id)
  const dispute = async () => {
    const { body } = await send(`${fixture.url}/control/sessions/${id}/dispute`, { json: { reason: 'duplicate' } })
    return body['dispute'] as Stripe.Dispute
  }
  const close = (dispute: string, outcome: string) =>
    send(`${fixture.url}/control/disputes/${dispute}/close`, { json: { outcome } })
  return { ...fixture, id, intent: String(intent), dispute, close }
}

test('a dispute takes the money of a charge, which is refunded no more', async (t) => {
  const { stripe, intent, dispute, receiver, types } = await startPaid(t)
  const { id } = await dispute()
  await until('both events', () => types().filter((type) => type.startsWith('charge.dispute.')).length === 2)
  const created = receiver.events.find(({ type }) => type === 'charge.dispute.created')?.data.object as Stripe.Dispute
  assert.deepEqual(
    [created.id, created.payment_intent, created.amount, created.currency, created.reason, created.status],
    [id, intent, 150_000, 'pkr', 'duplicate', 'needs_response'],
  )
  assert.equal(created.balance_transactions.length, 0)
  const withdrawn = receiver.events.find(({ type }) => type === 'charge.dispute.funds_withdrawn')
  assert.equal((withdrawn!.data.object as Stripe.Dispute).balance_transactions[0]?.amount, -150_000)
  await assert.rejects(stripe.refunds.create({ payment_intent: intent }), { code: 'charge_disputed' })
  assert.equal((await stripe.disputes.list({ payment_intent: intent })).data[0]?.id, id)
  assert.equal((await dispute())?.id, undefined)
})

for (const { outcome, said } of [
  { outcome: 'won', said: ['charge.dispute.closed', 'charge.dispute.funds_reinstated'] },
  { outcome: 'lost', said: ['charge.dispute.closed'] },
]) {
  test(`a dispute is ${outcome} once`, async (t) => {
    const { stripe, dispute, close, types } = await startPaid(t)
    const { id } = await dispute()
    assert.equal((await close(id, 'drawn')).status, 400)
    assert.equal((await close(id, outcome)).status, 200)
    assert.equal((await close(id, outcome)).status, 400)
    await until('its end', () => types().includes(said.at(-1)!))
    assert.deepEqual(
      types().filter((type) => /closed|reinstated/.test(type)),
      said,
    )
    assert.equal((await stripe.disputes.retrieve(id)).status, outcome)
  })
}

test('pending_refunds: a refund waits until it is settled, and may fail', async (t) => {
  const { stripe, intent, control, url, types } = await startPaid(t)
  await control({ pending_refunds: 2 })
  const [one, other] = [
    await stripe.refunds.create({ payment_intent: intent, amount: 50_000 }),
    await stripe.refunds.create({ payment_intent: intent, amount: 50_000 }),
  ]
  assert.deepEqual([one.status, other.status], ['pending', 'pending'])
  await send(`${url}/control/refunds/${one.id}/async`, { json: { outcome: 'succeeded' } })
  await send(`${url}/control/refunds/${other.id}/async`, { json: { outcome: 'failed' } })
  await until('the failure', () => types().includes('refund.failed'))
  assert.equal((await stripe.charges.retrieve(String(one.charge))).amount_refunded, 50_000)
})

test('answer_delay_ms: the webhooks of a refund overtake its answer', async (t) => {
  const { stripe, intent, control, types } = await startPaid(t)
  await control({ answer_delay_ms: 500 })
  const asked = stripe.refunds.create({ payment_intent: intent })
  let isAnswered = false
  void asked.then(() => {
    isAnswered = true
  })
  await until('the webhook', () => types().includes('refund.created'))
  assert.equal(isAnswered, false)
  assert.equal((await asked).status, 'succeeded')
})

test('html_answers and half_answers: the thing is done, and its key finds it', async (t) => {
  const { stripe, control } = await startFixture(t)
  for (const spoiled of ['html_answers', 'half_answers']) {
    await control({ [spoiled]: 1 })
    const ask = () =>
      stripe.checkout.sessions.create(sessionOf(150_000), { idempotencyKey: spoiled, maxNetworkRetries: 0 })
    await assert.rejects(ask())
    assert.equal((await ask()).lastResponse.headers['idempotent-replayed'], 'true')
  }
})

test('while a secret is rolled over each event is signed with the old and the new one', async (t) => {
  const { stripe, url, receiver } = await startFixture(t)
  const roll = (secret: string) => send(`${url}/control/webhook-secret`, { method: 'PUT', json: { secret } })
  await roll('whsec_new,whsec_simulated_secret')
  const { url: page } = await stripe.checkout.sessions.create(sessionOf(150_000))
  await submit(page ?? '')
  await until('all four', () => receiver.events.length === 4)
  assert.equal(receiver.refused, 0)
  await roll('whsec_new')
  await submit((await stripe.checkout.sessions.create(sessionOf(150_000))).url ?? '')
  await until('refusals', () => receiver.refused >= 4)
})
