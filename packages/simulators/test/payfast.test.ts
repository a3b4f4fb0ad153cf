import assert from 'node:assert/strict'
import { test } from 'node:test'
import { validationHash } from '../src/payfast/validation-hash.ts'
import { merchant, startPayfast } from './payfast-fixture.ts'
import { until } from './stripe-fixture.ts'

for (const [basketId, securedKey, errCode, hash] of [
  ['BAS-01', 'jdnkaabcks', '000', 'e8192a7554dd699975adf39619c703a492392edf5e416a61e183866ecdf6a2a2'],
  ['ORD-1001', 'test_secured_key', '000', 'b773d470a49d0b0e220baea36f375f9700183c793f66f7eb9847ba9f495fdf77'],
  ['ORD-1001', 'test_secured_key', '00', '7f50be66bb1a3115ee18b6da18f2ee480991ecc146bed5aa37104dbe5f4a7893'],
  ['ORD-1001', 'test_secured_key', '97', 'd773e6aa125fc1f67b3988edb923b4cacaf5299df18a68ca9864804e3a80a08a'],
] as const) {
  test(`the hash of ${basketId} with code ${errCode} is the published one`, () => {
    assert.equal(validationHash({ basketId, securedKey, merchantId: '102', errCode }), hash)
  })
}

test('a shop anywhere may send its buyers here, but no page of a stranger sets the control', async (t) => {
  const { home, askToken, post } = await startPayfast(t)
  for (const origin of ['https://shop.example', 'null']) {
    const { json } = await askToken({}, { origin: home })
    const form = await post(
      `${home}/Ecommerce/api/Transaction/PostTransaction`,
      { TOKEN: json.ACCESS_TOKEN },
      { origin },
    )
    assert.equal(form.status, 400, 'it is read, and found incomplete')
    assert.equal((await post(`${home}/control`, { down: 'true' }, { origin })).status, 403)
  }
  assert.notEqual((await post(`${home}/control`, {}, { origin: new URL(home).origin })).status, 403)
})

test('a buyer pays: return and notification say so under the same hash, and so does the status', async (t) => {
  const { receiver, choose, byBasket, look } = await startPayfast(t)
  const { status, location } = await choose('success')
  assert.equal(status, 303)
  const back = Object.fromEntries(new URL(location ?? '').searchParams)
  assert.equal(back['t'], '1')
  await until('the notification', () => receiver.received.length === 1)
  const told = Object.fromEntries(new URLSearchParams(receiver.received[0]?.body))
  const hash = validationHash({ basketId: 'att-1', ...merchant, errCode: '000' })
  for (const said of [back, told])
    assert.deepEqual(
      [said['basket_id'], said['err_code'], said['order_date'], said['merchant_amount'], said['validation_hash']],
      ['att-1', '000', '2026-11-22', '1500.00', hash],
    )
  const { json } = await byBasket()
  assert.deepEqual(
    [json['status_code'], json['basket_id'], json['purchase_amount'], json['transaction_id']],
    ['000', 'att-1', '1500.00', told['transaction_id']],
  )
  assert.deepEqual((await look(String(told['transaction_id']))).json, json)
})

for (const [outcome, code] of [
  ['insufficient_balance', '97'],
  ['wrong_otp', '55'],
  ['fraud', '9000'],
] as const) {
  test(`${outcome} ends with ${code} and a transaction id`, async (t) => {
    const { choose, byBasket } = await startPayfast(t)
    const back = new URL((await choose(outcome)).location ?? '').searchParams
    assert.equal(back.get('err_code'), code)
    assert.match(back.get('transaction_id') ?? '', /^[0-9a-f-]{36}$/)
    assert.equal((await byBasket()).json['status_code'], code)
  })
}

test('a buyer who cancels leaves code 901 and no transaction id', async (t) => {
  const { choose, byBasket, receiver, control } = await startPayfast(t)
  await control({ notify_as: 'json' })
  await choose('cancel')
  await until('the notification', () => receiver.received.length === 1)
  const told = JSON.parse(receiver.received[0]?.body ?? '')
  assert.deepEqual([told.err_code, told.transaction_id], ['901', null])
  assert.deepEqual([(await byBasket()).json['status_code'], (await byBasket()).json['transaction_id']], ['901', null])
})

for (const later of ['000', '97']) {
  test(`a time-out is 002 until it turns into ${later}, which is told too`, async (t) => {
    const { openPage, post, byBasket, receiver, home } = await startPayfast(t)
    const page = await openPage()
    await post(page, { outcome: 'time_out' })
    assert.equal((await byBasket()).json['status_code'], '002')
    const id = page.split('/').at(-1)
    assert.equal((await post(`${home}/control/transactions/${id}/settle`, { code: later })).status, 200)
    assert.equal((await byBasket()).json['status_code'], later)
    await until('both notifications', () => receiver.received.length === 2)
    assert.equal((await post(`${home}/control/transactions/${id}/settle`, { code: '000' })).status, 400)
  })
}

test('a token is for one basket, amount and currency, and for one form', async (t) => {
  const { askToken, postForm } = await startPayfast(t)
  const { json } = await askToken()
  for (const other of [{ TXNAMT: '1.00' }, { BASKET_ID: 'att-2' }, { CURRENCY_CODE: 'USD' }, { MERCHANT_ID: '103' }])
    assert.equal((await postForm(json.ACCESS_TOKEN, other)).status, 400)
  assert.equal((await postForm('made-up')).status, 400)
  assert.equal((await postForm(json.ACCESS_TOKEN)).status, 200)
  assert.match((await postForm(json.ACCESS_TOKEN)).text, /token is not valid/)
})

test('wrong keys are a stumble of .NET, an empty user agent is refused, a wrong amount gets no token', async (t) => {
  const { askToken } = await startPayfast(t)
  const wrong = await askToken({ SECURED_KEY: 'guessed' })
  assert.deepEqual([wrong.status, wrong.json.ExceptionType], [500, 'System.NullReferenceException'])
  assert.equal((await askToken({}, { 'user-agent': '' })).status, 403)
  const noAmount = await askToken({ TXNAMT: '0' })
  assert.deepEqual([noAmount.status, noAmount.json.ACCESS_TOKEN], [200, undefined])
})

test('a form that shows the secured key to a browser is refused', async (t) => {
  const { askToken, postForm } = await startPayfast(t)
  const { json } = await askToken()
  assert.match((await postForm(json.ACCESS_TOKEN, { SECURED_KEY: merchant.securedKey })).text, /SECURED_KEY/)
})

test('a basket is paid once, however many pages are open for it', async (t) => {
  const { openPage, post, receiver } = await startPayfast(t)
  const [first, second] = [await openPage(), await openPage()]
  await post(first, { outcome: 'success' })
  await post(second, { outcome: 'success' })
  await post(first, { outcome: 'wrong_otp' })
  await until('a notification', () => receiver.received.length > 0)
  await new Promise((passed) => setTimeout(passed, 100))
  assert.equal(receiver.received.length, 1)
})
