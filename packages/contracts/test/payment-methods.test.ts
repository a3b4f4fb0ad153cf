import assert from 'node:assert/strict'
import { test } from 'node:test'
import {
  type Basket,
  offeredMethods,
  type PaymentMethod,
  type PaymentSettings,
  whyUnavailable,
} from '@mart/contracts/payment-methods'

const settings: PaymentSettings = {
  methods: ['payfast', 'stripe', 'cash_on_delivery'],
  stripeCurrencies: [],
  cashLimit: { PKR: 5_000_000 },
  cashCities: ['Lahore', 'Karachi'],
}
const pkr = (amount: number) => ({ amount, currency: 'PKR' })
const inLahore = { currency: 'PKR', country: 'PK', city: ' lahore ', total: pkr(150_000) }

test('in Pakistan everything is offered, in the shop’s order', () => {
  assert.deepEqual(offeredMethods(settings, inLahore), ['payfast', 'stripe', 'cash_on_delivery'])
})

test('no cash above the limit, outside of the couriers’ cities, or abroad', () => {
  const local = ['payfast', 'stripe']
  assert.deepEqual(offeredMethods(settings, { ...inLahore, total: pkr(5_000_001) }), local)
  assert.deepEqual(offeredMethods(settings, { ...inLahore, city: 'Gilgit' }), local)
  assert.deepEqual(offeredMethods(settings, { currency: 'USD', country: 'US' }), ['stripe'])
  assert.deepEqual(offeredMethods(settings, { currency: 'PKR', country: 'US' }), ['stripe'])
})

test('no city named means everywhere in Pakistan; no total yet means it is not too much yet', () => {
  assert.ok(
    offeredMethods({ ...settings, cashCities: [] }, { ...inLahore, city: 'Gilgit' }).includes('cash_on_delivery'),
  )
  assert.ok(offeredMethods(settings, { currency: 'PKR', country: 'PK' }).includes('cash_on_delivery'))
})

test('a method without keys is not offered', () => {
  assert.deepEqual(offeredMethods({ ...settings, methods: ['cash_on_delivery'] }, inLahore), ['cash_on_delivery'])
})

test('Stripe is offered for the currencies that it is configured for', () => {
  const abroad = { ...settings, stripeCurrencies: ['USD', 'EUR'] }
  assert.deepEqual(offeredMethods(abroad, inLahore), ['payfast', 'cash_on_delivery'])
  assert.deepEqual(offeredMethods(abroad, { currency: 'USD', country: 'US' }), ['stripe'])
  assert.deepEqual(offeredMethods(abroad, { currency: 'GBP', country: 'GB' }), [])
})

test('PayFast takes rupees in Pakistan and nothing else', () => {
  for (const basket of [
    { currency: 'PKR', country: 'US' },
    { currency: 'USD', country: 'PK' },
  ]) {
    assert.ok(!offeredMethods(settings, basket).includes('payfast'))
  }
})

test('a method that is not offered says why', () => {
  const why = (method: PaymentMethod, more: Partial<Basket>, of = settings) =>
    whyUnavailable(of, { ...inLahore, ...more }, method)
  const codeOf = (...asked: Parameters<typeof why>) => why(...asked)?.code ?? null
  assert.equal(codeOf('stripe', {}, { ...settings, methods: ['payfast'] }), 'not_accepted')
  assert.equal(codeOf('payfast', { currency: 'USD' }), 'currency')
  assert.equal(codeOf('payfast', { country: 'US' }), 'country')
  assert.equal(codeOf('cash_on_delivery', { country: 'US' }), 'country')
  assert.equal(codeOf('cash_on_delivery', { currency: 'USD' }), 'currency')
  assert.equal(codeOf('cash_on_delivery', { city: 'Gilgit' }), 'city')
  assert.equal(codeOf('cash_on_delivery', { total: pkr(5_000_001) }), 'sum_too_large')
  assert.match(why('cash_on_delivery', { total: pkr(5_000_001) })?.message ?? '', /up to Rs 50,000/)
  assert.equal(codeOf('stripe', {}, { ...settings, stripeCurrencies: ['USD'] }), 'currency')
})

test('Stripe is not offered for a sum that it would refuse', () => {
  const codeOf = (amount: number, currency: string) => {
    const basket = { currency, country: 'US', total: { amount, currency } }
    const why = whyUnavailable(settings, basket, 'stripe')
    assert.equal(offeredMethods(settings, basket).includes('stripe'), why === null)
    return why?.code ?? null
  }
  assert.equal(codeOf(49, 'USD'), 'sum_too_small')
  assert.equal(codeOf(50, 'USD'), null)
  assert.equal(codeOf(100_000_000, 'USD'), 'sum_too_large')
  assert.equal(codeOf(12_345, 'KWD'), 'sum_not_payable')
  assert.equal(codeOf(0, 'USD'), null) // nothing to pay, so nobody is asked
})
