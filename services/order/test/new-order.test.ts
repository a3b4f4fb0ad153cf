import assert from 'node:assert/strict'
import { test } from 'node:test'
import { OrderPlaced } from '@mart/contracts/events/order-events'
import type { OrderInput } from '@mart/contracts/http/order-shapes'
import { skuKey } from '@mart/contracts/sku'
import { Refusal } from '@mart/service-kit/errors'
import { newId } from '@mart/service-kit/ids'
import { toOutboxEvent } from '@mart/service-kit/outbox'
import { acceptedBasket, newOrder, type PlacingRules, type Wish, wantedLines } from '../src/new-order.ts'
import { placed } from '../src/order-events.ts'
import { move } from '../src/order-moves.ts'
import type { CatalogueEntry } from '../src/pricing.ts'

const tea: CatalogueEntry = {
  sku: 'TEA',
  name: 'Tea',
  prices: [{ amount: 20_000, currency: 'PKR' }],
  for_sale: true,
  max_quantity: null,
}
const catalogue = new Map([[skuKey('TEA'), tea]])
const rules: PlacingRules = {
  shippingRates: { PKR: 5_000 },
  freeShippingFrom: {},
  maxQuantity: 50,
  payment: {
    methods: ['stripe', 'cash_on_delivery'],
    stripeCurrencies: [],
    cashLimit: { PKR: 100_000 },
    cashCities: ['Lahore'],
  },
  openOrders: { most: 20, unprovenCash: { PKR: 30_000 } },
}
const input: OrderInput = {
  lines: [{ sku: 'TEA', quantity: 1 }],
  currency: 'PKR',
  payment_method: 'cash_on_delivery',
  shipping_address: { name: 'Sana', line1: '1 Mall Road', city: 'Lahore', country: 'PK', phone: '+923001234567' },
}
const wish = (change: Partial<OrderInput> = {}, about: Partial<Omit<Wish, 'input'>> = {}): Wish => ({
  input: { ...input, ...change },
  faults: [],
  by: { id: newId(), name: 'Sana', email: 'sana@example.com', emailVerified: true, language: null },
  ...about,
})
const unproven = { by: { ...wish().by, emailVerified: false } }
const accepted = (one: Wish) => acceptedBasket(one, catalogue, rules)
/** Null when it is taken. */
function refused(one: Wish): Refusal | null {
  try {
    accepted(one)
    return null
  } catch (error) {
    if (error instanceof Refusal) return error
    throw error
  }
}
const codes = (one: Wish) => {
  const refusal = refused(one)
  return refusal && [refusal.status, refusal.code]
}

test('an order is born placed, with the shop’s prices, its buyer as contact, and nothing paid', () => {
  const one = wish({ note: '' })
  const now = new Date('2026-01-02T03:04:05Z')
  const order = newOrder(one, accepted(one), { id: newId(), number: 'M-100001', now })
  assert.deepEqual([order.status, order.payment_status, order.history_count], ['placed', 'pending', 1])
  assert.deepEqual([order.subtotal, order.shipping, order.total], [20_000, 5_000, 25_000])
  assert.deepEqual(order.lines, [{ sku: 'TEA', name: 'Tea', quantity: 1, unit_price: 20_000 }])
  assert.deepEqual(order.contact, { name: 'Sana', email: 'sana@example.com', phone: '+923001234567', language: 'en' })
  assert.deepEqual([order.note, order.customer_id, order.placed_at, order.updated_at], [null, one.by.id, now, now])
})

test('an order is in the language that it names, else in that of the account, else in English', () => {
  const of = (contact: OrderInput['contact'], language: string | null) => {
    const one = wish({ ...(contact && { contact }) }, { by: { ...wish().by, language } })
    return newOrder(one, accepted(one), { id: newId(), number: 'M-100001', now: new Date() }).contact.language
  }
  assert.equal(of({ language: 'en' }, 'ur'), 'en')
  assert.equal(of({ name: 'Sana' }, 'ur'), 'ur')
  assert.equal(of(undefined, 'ur'), 'ur')
  assert.equal(of(undefined, null), 'en')
})

test('a new order can be told to everybody, and moves on from its first state', () => {
  const one = wish()
  const order = newOrder(one, accepted(one), { id: newId(), number: 'M-100001', now: new Date() })
  const { event, data } = placed(order)
  assert.equal(event, OrderPlaced)
  assert.equal(toOutboxEvent(event, data).key, order.id)
  assert.equal(move(order, { name: 'stock_reserved' }, { now: new Date(), paymentWindowMs: 1 })?.status, 'confirmed')
})

test('faults of shape and of the catalogue are told together, each field once', () => {
  const faults = [
    { field: 'lines[0].sku', code: 'pattern', message: 'must be a SKU' },
    { field: 'note', code: 'maxLength', message: 'is too long' },
  ]
  const lines = ['GONE', 'AWAY'].map((sku) => ({ sku, quantity: 1 }))
  const refusal = refused(wish({ lines }, { faults }))
  assert.equal(refusal?.status, 422)
  assert.deepEqual(
    refusal.details.errors?.map(({ field }) => field),
    ['lines[0].sku', 'note', 'lines[1].sku'],
  )
})

test('a body that is anything at all has the lines that can be looked up', () => {
  const of = (body: unknown) => wantedLines(body as OrderInput)
  for (const body of [null, 7, 'tea', {}, { lines: {} }, { lines: [null, 7, { sku: 7 }] }])
    assert.deepEqual(of(body), [])
  assert.deepEqual(of({ lines: [{ sku: 'TEA', quantity: 'two' }] }), [{ sku: 'TEA', quantity: 1 }])
  assert.equal(of({ lines: Array.from({ length: 101 }, () => ({ sku: 'TEA', quantity: 1 })) }).length, 100)
})

test('the way to pay has to be offered for this sum and city, and allowed to this buyer', () => {
  const toCity = (city: string) => ({ shipping_address: { ...input.shipping_address, city } })
  const pieces = (quantity: number) => ({ lines: [{ sku: 'TEA', quantity }] })
  assert.equal(codes(wish()), null)
  assert.deepEqual(codes(wish(toCity('Multan'))), [422, 'payment_method_unavailable'])
  assert.equal(codes(wish({ ...toCity('Multan'), payment_method: 'stripe' })), null)
  assert.deepEqual(codes(wish(pieces(5))), [422, 'payment_method_unavailable'])
  assert.equal(codes(wish({}, unproven)), null)
  assert.deepEqual(codes(wish(pieces(2), unproven)), [422, 'email_not_proven'])
  assert.equal(codes(wish(pieces(2))), null)
})

test('what costs nothing needs no way to pay it', () => {
  const free = new Map([[skuKey('TEA'), { ...tea, prices: [{ amount: 0, currency: 'PKR' }] }]])
  const basket = acceptedBasket(wish({ payment_method: 'payfast' }), free, { ...rules, shippingRates: { PKR: 0 } })
  assert.equal(basket.total, 0)
})

test('a buyer who saw another total is told the new one', () => {
  const seen = (amount: number, currency = 'PKR') => wish({ expected_total: { amount, currency } })
  assert.equal(codes(seen(25_000)), null)
  for (const other of [seen(24_999), seen(25_000, 'USD')]) {
    assert.deepEqual(codes(other), [409, 'price_changed'])
    assert.deepEqual(refused(other)?.details.more?.['total'], { amount: 25_000, currency: 'PKR' })
  }
})
