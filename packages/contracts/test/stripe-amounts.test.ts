import assert from 'node:assert/strict'
import { test } from 'node:test'
import { currencyCodes, minorDigits } from '@mart/contracts/currencies'
import { fromStripeAmount, stripeRefuses, toStripeAmount } from '@mart/contracts/stripe-amounts'
import fc from 'fast-check'

test('each kind of currency is counted as Stripe counts it, and back', () => {
  for (const [amount, currency, there] of [
    [1_500, 'PKR', 1_500],
    [1_500, 'USD', 1_500],
    [123_456, 'HUF', 123_456], // whole in payouts alone
    [1_000, 'TWD', 1_000],
    [800_000, 'IDR', 800_000],
    [500, 'JPY', 500],
    [500, 'KRW', 500],
    [5, 'ISK', 500], // no minor unit, but two digits that are 00
    [5, 'UGX', 500],
    [500, 'MGA', 5], // two digits by the standard, whole at Stripe
    [5_120, 'KWD', 5_120],
    [5_120, 'TND', 5_120],
  ] as const) {
    assert.equal(toStripeAmount({ amount, currency }), there, currency)
    assert.deepEqual(fromStripeAmount(there, currency.toLowerCase()), { amount, currency })
  }
})

test('what Stripe cannot take has no amount there', () => {
  for (const [amount, currency] of [
    [5_124, 'KWD'],
    [1, 'BHD'],
    [150, 'MGA'],
    [1_234_567_890_123_456, 'ISK'], // beyond exact arithmetic
  ] as const) {
    assert.equal(toStripeAmount({ amount, currency }), null, currency)
  }
})

test('what we cannot express is of no currency, and goes back as it came', () => {
  for (const [amount, currency] of [
    [550, 'isk'],
    [1, 'ugx'],
    [100, null],
    [100, ''],
    [100, 'us'],
    [100, 'doge'],
  ] as const) {
    const money = fromStripeAmount(amount, currency)
    assert.deepEqual(money, { amount, currency: 'XXX' })
    assert.equal(toStripeAmount(money), amount)
  }
})

test('there and back is the same sum, for every currency', () => {
  fc.assert(
    fc.property(fc.integer({ min: 0, max: 99_999_999 }), fc.constantFrom(...currencyCodes), (amount, currency) => {
      const there = toStripeAmount({ amount, currency })
      if (there === null) return
      assert.ok(Number.isSafeInteger(there))
      assert.deepEqual(fromStripeAmount(there, currency.toLowerCase()), { amount, currency })
    }),
  )
})

test('the least and the largest sum of a charge are known, and its steps', () => {
  const codeOf = (amount: number, currency: string) => stripeRefuses({ amount, currency })?.code ?? null
  for (const [currency, least] of Object.entries({
    ...{ USD: 50, EUR: 50, GBP: 30, AED: 200, HUF: 17_500, JPY: 50, THB: 1_000, PKR: 14_000, INR: 50, DKK: 250 },
    ...{ ISK: 65, UGX: 1_800, MGA: 220_000, KWD: 160 }, // in our minor unit
  })) {
    const step = { MGA: 100, KWD: 10 }[currency] ?? 1
    assert.equal(codeOf(least, currency), null, currency)
    assert.equal(codeOf(least - step, currency), 'sum_too_small', currency)
  }
  assert.equal(codeOf(99_999_999, 'USD'), null)
  assert.equal(codeOf(100_000_000, 'USD'), 'sum_too_large')
  assert.equal(codeOf(100_000_000, 'JPY'), 'sum_too_large')
  assert.equal(codeOf(100_000_000, 'IDR'), null)
  assert.equal(codeOf(999_999_999_999, 'IDR'), null)
  assert.equal(codeOf(1_000_000_000_000, 'IDR'), 'sum_too_large')
  assert.equal(codeOf(999_999, 'ISK'), null)
  assert.equal(codeOf(1_000_000, 'ISK'), 'sum_too_large')
  assert.equal(codeOf(5_124, 'KWD'), 'sum_not_payable')
  assert.equal(codeOf(300_050, 'MGA'), 'sum_not_payable')
  assert.match(stripeRefuses({ amount: 49, currency: 'USD' })?.message ?? '', /must be \$0\.50 or more/)
  assert.match(stripeRefuses({ amount: 5_124, currency: 'KWD' })?.message ?? '', /a multiple of KWD 0\.010/)
})

test('no least sum is one that Stripe could not take', () => {
  for (const currency of currencyCodes) {
    const most = 10 ** (minorDigits(currency) + 6) - 10 ** minorDigits(currency)
    assert.notEqual(stripeRefuses({ amount: most, currency })?.code, 'sum_not_payable', currency)
  }
})
