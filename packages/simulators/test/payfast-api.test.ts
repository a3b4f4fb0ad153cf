import assert from 'node:assert/strict'
import { test } from 'node:test'
import { startPayfast, tokenRequest } from './payfast-fixture.ts'

async function startPaid(t: Parameters<typeof startPayfast>[0]) {
  const payfast = await startPayfast(t)
  await payfast.choose('success')
  const id = String((await payfast.byBasket()).json['transaction_id'])
  return { ...payfast, id }
}

test('the status of what is not known is an empty record with 200', async (t) => {
  const { look, byBasket, openPage } = await startPayfast(t)
  await openPage()
  for (const { status, json } of [await look('none'), await byBasket('att-9'), await byBasket()])
    assert.deepEqual([status, json['basket_id'], json['transaction_id'], json['status_code']], [200, null, null, ''])
})

test('the status by basket wants the order date exactly as it was posted', async (t) => {
  const { look, choose } = await startPayfast(t)
  await choose('success')
  const other = await look('basket_id/att-1?order_date=2026-11-23&customer_ip=127.0.0.1')
  assert.equal(other.json['basket_id'], null)
  assert.equal((await look('basket_id/att-1')).json['code'], '812')
})

test('without a valid bearer token nothing is answered; a refresh token is good once', async (t) => {
  const { look, home, api, post, bearer } = await startPaid(t)
  assert.equal((await look('x', 'guessed')).status, 401)
  assert.equal((await post(`${api}/token`, { ...tokenRequest, secured_key: 'guessed' })).status, 401)
  const { json } = await post(`${api}/token`, tokenRequest)
  const refresh = { grant_type: 'refresh_token', refresh_token: json.refresh_token }
  const fresh = await post(`${api}/refreshtoken`, refresh)
  assert.equal((await look('x', fresh.json.token)).status, 200)
  assert.equal((await look('x', json.token)).status, 401)
  assert.equal((await post(`${api}/refreshtoken`, refresh)).status, 401)
  const token = await bearer()
  await post(`${home}/control/forget-tokens`, {})
  assert.equal((await look('x', token)).status, 401)
})

test('a payment is refunded in parts, each call anew, and never more than was paid', async (t) => {
  const { refund, id, look, control } = await startPaid(t)
  for (const [amount, code] of [
    ['500.00', '00'],
    ['500', '00'],
    ['500.01', '13'],
    ['-1', '13'],
    ['500.00', '00'],
    ['0.01', '13'],
  ] as const)
    assert.equal((await refund(id, amount)).json.code, code)
  assert.equal((await look(id)).json['refunded_amount'], undefined)
  await control({ show_refunds: true })
  assert.equal((await look(id)).json['refunded_amount'], '1500.00')
})

test('what was not paid is not refunded, and a refusal refunds nothing', async (t) => {
  const { refund, id, choose, byBasket, control, look } = await startPaid(t)
  await choose('wrong_otp', 'att-2')
  const failed = String((await byBasket('att-2')).json['transaction_id'])
  assert.equal((await refund(failed, '1.00')).json.code, '104')
  assert.equal((await refund('none', '1.00')).json.code, '104')
  await control({ refuse_refund: 1, show_refunds: true })
  assert.equal((await refund(id, '1.00')).json.code, '423')
  assert.equal((await look(id)).json['refunded_amount'], '0.00')
})

test('fail_after_doing: a refund that answers 500 was done', async (t) => {
  const { refund, id, look, control, bearer } = await startPaid(t)
  const token = await bearer()
  await control({ fail_after_doing: 1, show_refunds: true })
  const answer = await refund(id, '100.00', token)
  assert.deepEqual([answer.status, answer.json.ExceptionType], [500, 'System.NullReferenceException'])
  assert.equal((await look(id)).json['refunded_amount'], '100.00')
})

test('answer_delay_ms: a refund whose caller gave up was done', async (t) => {
  const { id, look, api, control, bearer } = await startPaid(t)
  const authorization = `Bearer ${await bearer()}`
  await control({ answer_delay_ms: 55_000 })
  const body = new URLSearchParams({ txnamt: '100.00', refund_reason: 'late', customer_ip: '127.0.0.1' })
  const signal = AbortSignal.timeout(200)
  const asked = fetch(`${api}/transaction/refund/${id}`, { method: 'POST', body, headers: { authorization }, signal })
  await assert.rejects(asked, { name: 'TimeoutError' })
  await control({ show_refunds: true })
  assert.equal((await look(id)).json['refunded_amount'], '100.00')
})

test('html_answers, half_answers and down spoil the API, and the control stays', async (t) => {
  const { askToken, control, home } = await startPayfast(t)
  await control({ html_answers: 1 })
  assert.match((await askToken()).text, /^<!DOCTYPE html>/)
  await control({ half_answers: 1 })
  await assert.rejects(askToken(), /terminated/)
  await control({ down: true })
  assert.equal((await askToken()).status, 503)
  assert.equal((await fetch(`${home}/pay/x`)).status, 503)
  assert.equal((await fetch(home)).status, 200)
  await control({})
  assert.equal((await askToken()).status, 200)
})
