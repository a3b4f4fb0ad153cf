import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import { type CatalogueEntry, priceBasket } from '../src/pricing.ts'

const entry = (sku: string, amount: number, change: Partial<CatalogueEntry> = {}): [string, CatalogueEntry] => [
  sku,
  { sku, name: sku, prices: [{ amount, currency: 'PKR' }], for_sale: true, ...change },
]
const catalogue = new Map([
  entry('TEA', 89_900),
  entry('RICE', 120_000),
  entry('OLD', 100, { for_sale: false }),
  entry('DEAR', 1_000_000_000_000),
])
const rates = { PKR: 25_000 }

test('the same SKU in two lines is one line', () => {
  const { basket, faults } = priceBasket(
    [
      { sku: 'TEA', quantity: 1 },
      { sku: 'RICE', quantity: 1 },
      { sku: 'TEA', quantity: 2 },
    ],
    'PKR',
    catalogue,
    rates,
  )
  assert.deepEqual(faults, [])
  assert.deepEqual(
    basket.lines.map(({ sku, quantity }) => [sku, quantity]),
    [
      ['TEA', 3],
      ['RICE', 1],
    ],
  )
  assert.equal(basket.total, 3 * 89_900 + 120_000 + 25_000)
})

test('every fault of every line is told at once', () => {
  const wanted = [
    { sku: 'NONE', quantity: 1 },
    { sku: 'OLD', quantity: 1 },
    { sku: 'TEA', quantity: 600 },
    { sku: 'TEA', quantity: 600 },
  ]
  const { faults } = priceBasket(wanted, 'PKR', catalogue, rates)
  assert.deepEqual(
    faults.map(({ field, code }) => [field, code]),
    [
      ['lines[0].sku', 'unknown_sku'],
      ['lines[1].sku', 'not_for_sale'],
      ['lines[2].sku', 'maximum'],
    ],
  )
})

test('a currency without a price, and one that nothing is sold in', () => {
  const { faults } = priceBasket([{ sku: 'TEA', quantity: 1 }], 'EUR', catalogue, rates)
  assert.deepEqual(
    faults.map((fault) => fault.code),
    ['currency_not_offered', 'no_price'],
  )
})

test('a total beyond 10^12 is refused', () => {
  const { faults } = priceBasket([{ sku: 'DEAR', quantity: 2 }], 'PKR', catalogue, rates)
  assert.deepEqual(
    faults.map((fault) => fault.code),
    ['total_too_large'],
  )
})

test('the total is the sum of its lines and the shipping, whatever is in the basket', () => {
  const line = fc.record({ sku: fc.constantFrom('TEA', 'RICE'), quantity: fc.integer({ min: 1, max: 400 }) })
  fc.assert(
    fc.property(fc.array(line, { minLength: 1, maxLength: 2 }), (wanted) => {
      const { basket } = priceBasket(wanted, 'PKR', catalogue, rates)
      const expected = wanted.reduce(
        (sum, { sku, quantity }) => sum + quantity * catalogue.get(sku)!.prices[0]!.amount,
        25_000,
      )
      assert.equal(basket.total, expected)
    }),
  )
})
