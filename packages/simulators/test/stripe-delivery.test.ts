import assert from 'node:assert/strict'
import { appendFile, mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { test } from 'node:test'
import { sdk, send, sessionOf, startFixture, submit, until } from './stripe-fixture.ts'

type Fixture = Awaited<ReturnType<typeof startFixture>>

async function buy({ stripe }: Pick<Fixture, 'stripe'>) {
  const session = await stripe.checkout.sessions.create(sessionOf(150_000))
  await submit(session.url ?? '')
  return session
}

const ids = ({ receiver }: Fixture) => receiver.events.map((event) => event.id)

test('duplicate: each event comes once more with the same id', async (t) => {
  const fixture = await startFixture(t)
  await fixture.control({ duplicate: 1 })
  await buy(fixture)
  await until('eight deliveries', () => fixture.receiver.events.length === 8)
  assert.equal(new Set(ids(fixture)).size, 4)
})

test('reorder: what happened last arrives first', async (t) => {
  const fixture = await startFixture(t)
  await fixture.control({ reorder: true })
  await buy(fixture)
  await until('all four', () => fixture.receiver.events.length === 4)
  assert.deepEqual(
    fixture.receiver.events.map((event) => event.type),
    ['checkout.session.completed', 'payment_intent.succeeded', 'charge.succeeded', 'payment_intent.created'],
  )
})

test('corrupt_signature: the receiver refuses it, and the retry is good', async (t) => {
  const fixture = await startFixture(t)
  await fixture.control({ corrupt_signature: 2 })
  await buy(fixture)
  await until('all four in the end', () => new Set(ids(fixture)).size === 4)
  assert.equal(fixture.receiver.refused, 2)
})

test('drop: the event is never sent, is found in the list, and can be sent again', async (t) => {
  const fixture = await startFixture(t)
  await fixture.control({ drop: true })
  await buy(fixture)
  await fixture.control({})
  const undelivered = await fixture.stripe.events.list({ delivery_success: false })
  assert.equal(undelivered.data.length, 4)
  assert.equal(undelivered.data[0]?.pending_webhooks, 1)
  assert.equal(fixture.receiver.events.length, 0)
  const event = undelivered.data[0]?.id ?? ''
  await send(`${fixture.url}/control/events/${event}/resend`)
  await until('the event', () => fixture.receiver.events.length === 1)
  await until('its record', () => fixture.receiver.events[0]?.id === event)
  assert.equal((await fixture.stripe.events.list({ delivery_success: false })).data.length, 3)
})

test('a webhook that answers 500 is tried again until it answers 200', async (t) => {
  const fixture = await startFixture(t)
  fixture.receiver.answerWith = 500
  await buy(fixture)
  await new Promise((passed) => setTimeout(passed, 300))
  fixture.receiver.answerWith = 200
  await until('all four', () => new Set(ids(fixture)).size === 4)
})

test('fail_after_doing: the thing is done, and the same key gets the same 500 again', async (t) => {
  const { stripe, control } = await startFixture(t)
  await control({ fail_after_doing: 1 })
  const ask = () => stripe.checkout.sessions.create(sessionOf(150_000), { idempotencyKey: 'cs:attempt-1' })
  await assert.rejects(ask(), { type: 'StripeAPIError', statusCode: 500 })
  await assert.rejects(ask(), { type: 'StripeAPIError', statusCode: 500 })
  assert.equal((await stripe.checkout.sessions.list()).data.length, 1)
})

test('answer_delay_ms: a client that gave up finds its answer under the same key', async (t) => {
  const { stripe, control } = await startFixture(t)
  await control({ answer_delay_ms: 400 })
  const options = { idempotencyKey: 'cs:attempt-1' }
  await assert.rejects(stripe.checkout.sessions.create(sessionOf(150_000), { ...options, timeout: 100 }))
  await new Promise((passed) => setTimeout(passed, 400))
  const session = await stripe.checkout.sessions.create(sessionOf(150_000), options)
  assert.equal(session.lastResponse.headers['idempotent-replayed'], 'true')
})

test('down: API and pages answer 503, webhooks wait, and all goes on afterwards', async (t) => {
  const fixture = await startFixture(t)
  const session = await fixture.stripe.checkout.sessions.create(sessionOf(150_000))
  await fixture.control({ down: true })
  await assert.rejects(fixture.stripe.checkout.sessions.list(), { type: 'StripeAPIError', statusCode: 503 })
  assert.equal((await fetch(session.url ?? '')).status, 503)
  assert.equal((await fetch(`${fixture.url}/health/live`)).status, 200)
  await send(`${fixture.url}/control/sessions/${session.id}/pay`, { json: { card_number: '4242424242424242' } })
  await new Promise((passed) => setTimeout(passed, 100))
  assert.equal(fixture.receiver.events.length, 0)
  await fixture.control({ down: false })
  await until('all four', () => fixture.receiver.events.length === 4)
})

test('a control that is set replaces the one before', async (t) => {
  const { control } = await startFixture(t)
  await control({ duplicate: 2, down: true })
  const { body } = await control({ reorder: true })
  assert.deepEqual([body['duplicate'], body['down'], body['reorder']], [0, false, true])
})

test('a control that does not exist or has a wrong type changes nothing', async (t) => {
  const { control, url } = await startFixture(t)
  await control({ duplicate: 2 })
  for (const wrong of [{ duplicates: 1 }, { drop: -1 }, { down: 1 }, { reorder: 'yes' }])
    assert.equal((await control(wrong)).status, 400)
  const { duplicate } = (await (await fetch(`${url}/control`)).json()) as { duplicate: number }
  assert.equal(duplicate, 2)
})

test('a person finds sessions and events on the index page, and can send one again', async (t) => {
  const fixture = await startFixture(t)
  await buy(fixture)
  await until('all four', () => fixture.receiver.events.length === 4)
  const page = await (await fetch(`${fixture.url}/stripe`)).text()
  const action = /action="(\/control\/events\/[^"]+)"/.exec(page)?.[1] ?? ''
  const headers = { accept: 'text/html' }
  const answer = await fetch(fixture.url + action, { method: 'POST', headers, redirect: 'manual' })
  assert.deepEqual([answer.status, answer.headers.get('location')], [303, '/stripe'])
  await until('the fifth', () => fixture.receiver.events.length === 5)
})

test('a person sets the control in the form of the index page', async (t) => {
  const { url } = await startFixture(t)
  assert.match(await (await fetch(`${url}/stripe`)).text(), /<input id="duplicate" name="duplicate" value="0"/)
  assert.equal((await submit(`${url}/control`, { duplicate: '2', reorder: 'true' })).status, 200)
  const { duplicate, reorder } = (await (await fetch(`${url}/control`)).json()) as Record<string, unknown>
  assert.deepEqual([duplicate, reorder], [2, true])
})

test('with a state file a restart knows its sessions, its keys and what was not delivered', async (t) => {
  const folder = await mkdtemp(join(tmpdir(), 'stripe-simulator-'))
  t.after(() => rm(folder, { recursive: true }))
  const stateFile = join(folder, 'deep', 'state.jsonl')
  const fixture = await startFixture(t, { stateFile })
  const options = { idempotencyKey: 'cs:attempt-1' }
  const first = await fixture.stripe.checkout.sessions.create(sessionOf(150_000), options)
  const second = await fixture.stripe.checkout.sessions.create(sessionOf(160_000))
  fixture.receiver.answerWith = 500
  await submit(first.url ?? '')
  await fixture.stop()
  await appendFile(stateFile, '[["sessions","cs_cut_off_by_a_cra')
  fixture.receiver.answerWith = 200

  const { stripe, url } = await fixture.restart()
  assert.equal((await stripe.checkout.sessions.retrieve(first.id)).payment_status, 'paid')
  assert.equal((await stripe.checkout.sessions.create(sessionOf(150_000), options)).id, first.id)
  await until('what was not delivered', () => new Set(ids(fixture)).size === 4)
  assert.equal((await submit(`${url}/checkout/pay/${second.id}`)).status, 303)
  assert.deepEqual((await sdk(url).checkout.sessions.list({ status: 'open' })).data, [])
})
