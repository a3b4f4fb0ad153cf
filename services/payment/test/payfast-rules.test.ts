import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import { mobileNumber, pageForm, payfastPage } from '../src/payfast/payfast-form.ts'
import { meaningOf, moneyIn, newsOfRecord, recordIn } from '../src/payfast/payfast-news.ts'
import {
  fieldsOf,
  isGenuine,
  namesOurSum,
  notificationIn,
  validationHash,
} from '../src/payfast/payfast-notification.ts'

const KEY = 'test_secured_key'
const hashed = { basketId: 'ORD-1001', securedKey: KEY, merchantId: '102', code: '000' }

describe('PayFast’s validation_hash', () => {
  const vectors: [string, string, string, string][] = [
    ['BAS-01', 'jdnkaabcks', '000', 'e8192a7554dd699975adf39619c703a492392edf5e416a61e183866ecdf6a2a2'],
    ['ORD-1001', KEY, '000', 'b773d470a49d0b0e220baea36f375f9700183c793f66f7eb9847ba9f495fdf77'],
    ['ORD-1001', KEY, '00', '7f50be66bb1a3115ee18b6da18f2ee480991ecc146bed5aa37104dbe5f4a7893'],
    ['ORD-1001', KEY, '97', 'd773e6aa125fc1f67b3988edb923b4cacaf5299df18a68ca9864804e3a80a08a'],
  ]
  for (const [basketId, securedKey, code, expected] of vectors) {
    test(`of ${basketId} with code ${code} is the published one, in any case of letters`, () => {
      const one = { basketId, securedKey, merchantId: '102', code }
      assert.equal(validationHash(one), expected)
      assert.ok(isGenuine(expected, one))
      assert.ok(isGenuine(expected.toUpperCase(), one))
    })
  }

  test('of another code, basket, merchant or key is none', () => {
    const hash = validationHash(hashed)
    for (const other of [{ code: '00' }, { basketId: 'ORD-1002' }, { merchantId: '103' }, { securedKey: 'other' }]) {
      assert.equal(isGenuine(hash, { ...hashed, ...other }), false)
    }
  })

  test('that is missing, too short, too long or no hex is none', () => {
    const hash = validationHash(hashed)
    for (const bad of ['', hash.slice(1), `${hash}0`, `g${hash.slice(1)}`, ` ${hash}`, 'null']) {
      assert.equal(isGenuine(bad, hashed), false, bad)
    }
  })

  test('whose border was moved by a pipe in the basket is none', () => {
    const moved = { basketId: `ORD-1001|${KEY}`, securedKey: '102', merchantId: '000', code: '' }
    assert.equal(isGenuine(validationHash(hashed), { ...moved, code: '000' }), false)
    assert.equal(isGenuine(validationHash({ ...hashed, basketId: 'A|B' }), { ...hashed, basketId: 'A|B' }), false)
  })
})

describe('PayFast’s codes', () => {
  test('000, 00 and 79 alone are a success', () => {
    for (const code of ['000', '00', '79']) assert.equal(meaningOf(code).kind, 'success')
  })
  test('001, 002 and whatever nobody documents decide nothing', () => {
    for (const code of ['001', '002', '', '0', '0000', '1', '12345', 'constructor', 'toString', 'success']) {
      assert.equal(meaningOf(code).kind, 'undecided', code)
    }
  })
  test('of a failure say why', () => {
    assert.deepEqual(meaningOf('97'), { kind: 'failure', reason: 'the balance is insufficient (PayFast 97)' })
    for (const code of ['901', '529', '55', '9000', '126', '883', '03']) assert.equal(meaningOf(code).kind, 'failure')
  })
})

describe('PayFast’s record of a basket', () => {
  const asked = { basketId: 'b-1', money: { amount: 150_000, currency: 'PKR' } }
  const record = { status_code: '00', code: '00', basket_id: 'b-1', transaction_id: 't-1', purchase_amount: '1500.00' }
  const newsOf = (over: object) => newsOfRecord(recordIn({ ...record, ...over })!, asked)

  test('that is paid names the sum and the charge', () => {
    assert.deepEqual(newsOf({}), { news: { kind: 'paid', money: asked.money }, charge: 't-1' })
    assert.deepEqual(newsOf({ purchase_amount: 1500 }).news, { kind: 'paid', money: asked.money })
    assert.deepEqual(newsOf({ purchase_amount: undefined }).news, { kind: 'paid', money: asked.money })
  })
  test('that is paid with another sum or currency says so', () => {
    assert.deepEqual(newsOf({ purchase_amount: '15' }).news, {
      kind: 'paid',
      money: { amount: 1_500, currency: 'PKR' },
    })
    assert.deepEqual(newsOf({ transaction_currency: 'USD' }).news, {
      kind: 'paid',
      money: { amount: 150_000, currency: 'USD' },
    })
    assert.equal(newsOf({ purchase_amount: '1500.001' }).news.kind, 'no_answer')
    assert.equal(newsOf({ purchase_amount: '1e3' }).news.kind, 'no_answer')
  })
  test('that is of another basket, undecided, or names no transaction is asked for again', () => {
    for (const over of [
      { basket_id: 'b-2' },
      { basket_id: null },
      { status_code: '002' },
      { status_code: '001' },
      { status_code: '4711' },
      { transaction_id: null },
    ]) {
      assert.equal(newsOf(over).news.kind, 'no_answer', JSON.stringify(over))
    }
  })
  test('that failed is a decline, after which the buyer may try again', () => {
    const reason = 'the buyer cancelled (PayFast 901)'
    assert.deepEqual(newsOf({ status_code: '901', transaction_id: null }), {
      news: { kind: 'declined', reason, code: '901' },
      charge: null,
    })
  })
  test('without a code is no record', () => assert.equal(recordIn({ message: 'busy' }), null))
})

describe('a notification of PayFast’s', () => {
  const told = { basket_id: 'b-1', err_code: '000', validation_hash: 'ab', merchant_amount: '1500.00' }
  const form = new URLSearchParams(told).toString()

  test('is read from query, form or JSON, by names in any case', () => {
    const upper = Object.fromEntries(Object.entries(told).map(([name, value]) => [name.toUpperCase(), value]))
    const ways: [string, string][] = [
      [`/webhooks/payfast?${form}`, ''],
      ['/webhooks/payfast', form],
      ['/webhooks/payfast', JSON.stringify(told)],
      ['/webhooks/payfast', ` ${JSON.stringify(upper)}`],
      [`/payments/return/1?t=x?${form}`, ''],
    ]
    const read = ways.map(([url, body]) => notificationIn(fieldsOf(url, body)!))
    for (const one of read) assert.deepEqual(one, read[0])
    assert.equal(read[0]?.basketId, 'b-1')
  })
  test('that is half of a JSON, or without basket, code or hash, is none', () => {
    assert.equal(fieldsOf('/', JSON.stringify(told).slice(0, -5)), null)
    for (const name of ['basket_id', 'err_code', 'validation_hash']) {
      assert.equal(notificationIn(new Map(Object.entries({ ...told, [name]: '' }))), null)
    }
    assert.equal(notificationIn(fieldsOf('/', '{"basket_id":{"a":1},"__proto__":{"err_code":"000"}}')!), null)
  })
  test('is kept without who paid and without its hash', () => {
    const more = { mobile_no: '03001234567', email_address: 'a@b.example', masked_pan: '5123xx0008', issuer_name: 'B' }
    const { kept } = notificationIn(new Map(Object.entries({ ...told, ...more })))!
    assert.deepEqual(kept, { basket_id: 'b-1', err_code: '000', merchant_amount: '1500.00' })
  })
  test('names our sum, or does not', () => {
    const asked = { basketId: 'b-1', money: { amount: 150_000, currency: 'PKR' } }
    const names = (over: object) => namesOurSum(notificationIn(new Map(Object.entries({ ...told, ...over })))!, asked)
    assert.ok(names({}))
    assert.ok(names({ merchant_amount: '1500', transaction_amount: '1400.00', discounted_amount: '100' }))
    assert.ok(names({ merchant_amount: '' }))
    for (const over of [{ merchant_amount: '1.00' }, { merchant_amount: 'x' }, { transaction_currency: 'USD' }]) {
      assert.equal(names(over), false)
    }
  })
})

test('sums in major units are read exactly', () => {
  assert.deepEqual(moneyIn('98.9', 'PKR'), { amount: 9_890, currency: 'PKR' })
  assert.deepEqual(moneyIn('500', 'JPY'), { amount: 500, currency: 'JPY' })
  assert.deepEqual(moneyIn('1.005', 'KWD'), { amount: 1_005, currency: 'KWD' })
  for (const text of ['98.9001', '-1', '', '1,500.00', ' 1', '0x10', '99999999999999']) {
    assert.equal(moneyIn(text, 'PKR'), null, text)
  }
})

test('mobile numbers are written as each side of PayFast takes them', () => {
  const both = { form: '03001234567', rest: '92-3001234567' }
  for (const phone of [
    '03001234567',
    '+92 300 1234567',
    '0092-300-1234567',
    '92-3001234567',
    '3001234567',
    '+92 (0)300 1234567',
    '۰۳۰۰۱۲۳۴۵۶۷',
  ]) {
    assert.deepEqual(mobileNumber(phone), both, phone)
  }
  assert.equal(mobileNumber('+44 7911 123456').form, '447911123456')
})

describe('the page that goes on to PayFast', () => {
  const attempt = {
    id: 'b3a1c9f2-0000-7000-8000-000000000001',
    go_token: 'token',
    created_at: new Date('2026-11-22T20:00:00Z'),
    basket: { number: 'M-1', email: '"><script>alert(1)</script>@x', phone: '+923001234567', lines: [], shipping: 0 },
  }
  const places = {
    merchantId: '102',
    merchantName: 'AI <Mart>',
    publicUrl: 'https://shop.example',
    webhookUrl: 'https://shop.example/webhooks',
    fallbackEmail: 'shop@shop.example',
    fallbackPhone: '03000000000',
  }
  const form = pageForm({ attempt, money: { amount: 150_000, currency: 'PKR' }, token: 'T' }, places)

  test('posts what the guide asks for, and no key', () => {
    assert.equal(form['TXNAMT'], '1500.00')
    assert.equal(form['BASKET_ID'], attempt.id)
    assert.equal(form['ORDER_DATE'], '2026-11-22')
    assert.equal(form['CUSTOMER_MOBILE_NO'], '03001234567')
    assert.equal(form['CHECKOUT_URL'], 'https://shop.example/webhooks/payfast')
    assert.equal('SECURED_KEY' in form, false)
  })
  test('runs only its own script, posts only to PayFast, and escapes what people typed', () => {
    const { html, contentPolicy } = payfastPage('https://ipg.example:8443/Ecommerce/PostTransaction', form)
    const [, nonce] = /script-src 'nonce-([^']+)'/.exec(contentPolicy ?? '') ?? []
    assert.ok(nonce && html.includes(`<script nonce="${nonce}">`))
    assert.match(contentPolicy ?? '', /default-src 'none'.*form-action https:\/\/ipg\.example:8443;/)
    assert.equal(html.match(/<script/g)?.length, 1)
    assert.match(html, /<button>/)
  })
})
