import assert from 'node:assert/strict'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { test } from 'node:test'
import { validationHash } from '../src/payfast/validation-hash.ts'
import { merchant, type Received, startPayfast } from './payfast-fixture.ts'
import { until } from './stripe-fixture.ts'

const hashOf = (basketId: string, errCode: string) => validationHash({ basketId, errCode, ...merchant })

function read({ query, body, type }: Received): Record<string, string> {
  if (Object.keys(query).length > 0) return query
  return type.includes('json') ? JSON.parse(body) : Object.fromEntries(new URLSearchParams(body))
}

for (const [notify_as, method, type] of [
  ['form', 'POST', /^application\/x-www-form-urlencoded/],
  ['json', 'POST', /^application\/json/],
  ['query', 'POST', /^$/],
  ['get', 'GET', /^$/],
] as const) {
  test(`notify_as ${notify_as}: the same fields come that way`, async (t) => {
    const { control, choose, receiver } = await startPayfast(t)
    await control({ notify_as })
    await choose('success')
    await until('it', () => receiver.received.length === 1)
    const [one] = receiver.received
    assert.equal(one!.method, method)
    assert.match(one!.type, type)
    assert.equal(read(one!)['validation_hash'], hashOf('att-1', '000'))
  })
}

test('duplicate, drop, and one that a person sends again', async (t) => {
  const { control, choose, receiver, home } = await startPayfast(t)
  await control({ duplicate: 1 })
  await choose('success')
  await until('two', () => receiver.received.length === 2)
  await control({ drop: true })
  await choose('success', 'att-2')
  await control({})
  const { notifications } = (await (await fetch(`${home}/control/baskets/att-2`)).json()) as {
    notifications: { id: string; delivery: { state: string } }[]
  }
  assert.deepEqual(
    notifications.map(({ delivery }) => delivery.state),
    ['dropped'],
  )
  const page = await (await fetch(home)).text()
  const action = `/control/notifications/${notifications[0]?.id}/resend`
  assert.ok(page.includes(action))
  const headers = { accept: 'text/html' }
  const answer = await fetch(home + action, { method: 'POST', headers, redirect: 'manual' })
  assert.deepEqual([answer.status, answer.headers.get('location')], [303, '/payfast'])
  await until('the third', () => receiver.received.length === 3)
})

test('reorder: what happened last is told first', async (t) => {
  const { control, choose, receiver } = await startPayfast(t)
  await control({ reorder: true })
  await choose('wrong_otp', 'att-1')
  await choose('success', 'att-2')
  await until('both', () => receiver.received.length === 2)
  assert.deepEqual(
    receiver.received.map((one) => read(one)['basket_id']),
    ['att-2', 'att-1'],
  )
})

test('change: another amount comes under a hash that is right, also another basket and code', async (t) => {
  const { control, choose, receiver, byBasket } = await startPayfast(t)
  await control({ change: { merchant_amount: '1.00', basket_id: 'att-7', err_code: '000' } })
  await choose('insufficient_balance')
  await until('it', () => receiver.received.length === 1)
  const told = read(receiver.received[0]!)
  assert.deepEqual([told['merchant_amount'], told['validation_hash']], ['1.00', hashOf('att-7', '000')])
  assert.equal((await byBasket()).json['status_code'], '97')
})

test('corrupt_hash and strip_hash: one comes with a wrong hash, one without', async (t) => {
  const { control, choose, receiver } = await startPayfast(t)
  await control({ corrupt_hash: 1 })
  await choose('success')
  await until('it', () => receiver.received.length === 1)
  assert.notEqual(read(receiver.received[0]!)['validation_hash'], hashOf('att-1', '000'))
  await control({ strip_hash: 1 })
  await choose('success', 'att-2')
  await until('it', () => receiver.received.length === 2)
  assert.equal(read(receiver.received[1]!)['validation_hash'], undefined)
})

test('return_as post: the browser gets a form with the same fields', async (t) => {
  const { control, choose } = await startPayfast(t)
  await control({ return_as: 'post' })
  const { status, text } = await choose('success')
  assert.equal(status, 200)
  assert.match(text, new RegExp(`name="validation_hash" value="${hashOf('att-1', '000')}"`))
})

test('a control that does not exist or has a wrong type changes nothing', async (t) => {
  const { control, home } = await startPayfast(t)
  await control({ duplicate: 2 })
  for (const wrong of [{ duplicates: 1 }, { notify_as: 'fax' }, { change: { amount: 1 } }, { constructor: 1 }])
    assert.equal((await control(wrong)).status, 400)
  const { duplicate } = (await (await fetch(`${home}/control`)).json()) as { duplicate: number }
  assert.equal(duplicate, 2)
})

test('a person sets the control in the form of the index page, and calms it there', async (t) => {
  const { home, post } = await startPayfast(t)
  const page = await (await fetch(home)).text()
  const named = [...page.matchAll(/<(?:input|select) id="(\w+)"/g)].map(([, name]) => name)
  const control = async () => (await (await fetch(`${home}/control`)).json()) as Record<string, unknown>
  assert.deepEqual(named, Object.keys(await control()))
  const set = { drop: 'true', delay_ms: '60000', notify_as: 'get', change: '{"merchant_amount":"1.00"}', down: 'false' }
  const { status } = await post(`${home}/control`, set, { accept: 'text/html' })
  assert.equal(status, 303)
  const { drop, delay_ms, notify_as, change } = await control()
  assert.deepEqual([drop, delay_ms, notify_as, change], [true, 60_000, 'get', { merchant_amount: '1.00' }])
  assert.equal((await post(`${home}/control`, { delay_ms: 'long' })).status, 400)
  await post(`${home}/control`, { ...set, calm: 'yes' })
  assert.equal((await control())['drop'], 0)
})

test('with a state file a restart knows its tokens and what was paid', async (t) => {
  const folder = await mkdtemp(join(tmpdir(), 'payfast-simulator-'))
  const file = join(folder, 'state.jsonl')
  const first = await startPayfast(t, file)
  await first.choose('success')
  const { json: kept } = await first.askToken({ BASKET_ID: 'att-2' })
  await first.stop()
  const second = await startPayfast(t, file)
  t.after(() => rm(folder, { recursive: true }))
  assert.equal((await second.byBasket()).json['status_code'], '000')
  assert.equal((await second.postForm(kept.ACCESS_TOKEN, { BASKET_ID: 'att-2' })).status, 200)
})
