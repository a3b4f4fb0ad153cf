import assert from 'node:assert/strict'
import { test } from 'node:test'
import { formatMoney, timesQuantity, toDecimal } from '@mart/contracts/money'
import fc from 'fast-check'

const amount = fc.integer({ min: 0, max: 1_000_000_000_000 })

test('amounts are written with the digits of their currency', () => {
  assert.equal(formatMoney({ amount: 89_900, currency: 'PKR' }), 'Rs 899')
  assert.equal(formatMoney({ amount: 150_000_000, currency: 'PKR' }), 'Rs 1,500,000')
  assert.equal(formatMoney({ amount: 399, currency: 'USD' }), '$3.99')
  assert.equal(formatMoney({ amount: 500, currency: 'JPY' }), '¥500')
})

test('a decimal string has every digit: 0.05, 1234.5 dinar, whole yen', () => {
  assert.equal(toDecimal({ amount: 5, currency: 'USD' }), '0.05')
  assert.equal(toDecimal({ amount: 1_234_500, currency: 'KWD' }), '1234.500')
  assert.equal(toDecimal({ amount: 7, currency: 'JPY' }), '7')
})

test('a decimal string is the amount again, for any amount and currency', () => {
  fc.assert(
    fc.property(amount, fc.constantFrom('PKR', 'USD', 'JPY', 'KWD'), (value, currency) => {
      assert.equal(BigInt(toDecimal({ amount: value, currency }).replace('.', '')), BigInt(value))
    }),
  )
})

test('a price times a quantity is an exact integer', () => {
  fc.assert(
    fc.property(fc.integer({ min: 0, max: 1_000_000_000 }), fc.integer({ min: 0, max: 1_000 }), (price, quantity) => {
      const { amount: product } = timesQuantity({ amount: price, currency: 'PKR' }, quantity)
      assert.equal(BigInt(product), BigInt(price) * BigInt(quantity))
    }),
  )
})

test('quantities are never broken, and nothing goes beyond exact arithmetic', () => {
  assert.throws(() => timesQuantity({ amount: 1, currency: 'PKR' }, 1.5), RangeError)
  assert.throws(() => timesQuantity({ amount: 1_000_000_000_000, currency: 'PKR' }, 1_000_000), RangeError)
})
