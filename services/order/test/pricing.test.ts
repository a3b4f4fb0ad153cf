import assert from 'node:assert/strict'
import { test } from 'node:test'
import { skuKey } from '@mart/contracts/sku'
import fc from 'fast-check'
import { type CatalogueEntry, priceBasket } from '../src/pricing.ts'

const entry = (sku: string, amount: number, change: Partial<CatalogueEntry> = {}): [string, CatalogueEntry] => [
  skuKey(sku),
  { sku, name: sku, prices: [{ amount, currency: 'PKR' }], for_sale: true, max_quantity: null, ...change },
]
const catalogue = new Map([
  entry('TEA', 89_900),
  entry('RICE', 120_000),
  entry('OLD', 100, { for_sale: false }),
  entry('DEAR', 1_000_000_000_000),
  entry('Tea/450 g', 45_000, { max_quantity: 3 }),
  entry('EGG', 3_000, { max_quantity: 240 }),
])
const rules = { shippingRates: { PKR: 25_000 }, freeShippingFrom: {}, maxQuantity: 50 }

test('the same SKU in two lines is one line', () => {
  const { basket, faults } = priceBasket(
    [
      { sku: 'TEA', quantity: 1 },
      { sku: 'RICE', quantity: 1 },
      { sku: 'TEA', quantity: 2 },
    ],
    'PKR',
    catalogue,
    rules,
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
    { sku: 'TEA', quantity: 26 },
    { sku: 'tea', quantity: 25 },
  ]
  const { faults } = priceBasket(wanted, 'PKR', catalogue, rules)
  assert.deepEqual(
    faults.map(({ field, code }) => [field, code]),
    [
      ['lines[0].sku', 'unknown_sku'],
      ['lines[1].sku', 'not_for_sale'],
      ['lines[2].quantity', 'max_quantity'],
    ],
  )
})

const faultsFor = (...wanted: { sku: string; quantity: number }[]) =>
  priceBasket(wanted, 'PKR', catalogue, rules).faults.map(({ field, code, message }) => `${field} ${code} ${message}`)

test('a SKU in another case is the same SKU, and is shown as its merchant writes it', () => {
  const wanted = [
    { sku: 'tea/450 G', quantity: 1 },
    { sku: 'TEA/450 g', quantity: 1 },
  ]
  const { basket, faults } = priceBasket(wanted, 'PKR', catalogue, rules)
  assert.deepEqual([faults, basket.lines.map(({ sku, quantity }) => [sku, quantity])], [[], [['Tea/450 g', 2]]])
})

test('an order has at most so many of one SKU: as many as its variant says, else as the shop says', () => {
  const message = (most: number, sku: string) =>
    `an order may have at most ${most} of ${sku}, all of its lines together`
  assert.deepEqual(faultsFor({ sku: 'TEA', quantity: 50 }, { sku: 'EGG', quantity: 240 }), [])
  assert.deepEqual(faultsFor({ sku: 'RICE', quantity: 1 }, { sku: 'TEA', quantity: 51 }), [
    `lines[1].quantity max_quantity ${message(50, 'TEA')}`,
  ])
  assert.deepEqual(faultsFor({ sku: 'EGG', quantity: 200 }, { sku: 'egg', quantity: 41 }), [
    `lines[0].quantity max_quantity ${message(240, 'EGG')}`,
  ])
  assert.deepEqual(faultsFor({ sku: 'TEA/450 G', quantity: 4 }), [
    `lines[0].quantity max_quantity ${message(3, 'Tea/450 g')}`,
  ])
})

test('a currency without a price, and one that nothing is sold in', () => {
  const { faults } = priceBasket([{ sku: 'TEA', quantity: 1 }], 'EUR', catalogue, rules)
  assert.deepEqual(
    faults.map((fault) => fault.code),
    ['currency_not_offered', 'no_price'],
  )
})

test('a total beyond 10^12 is refused', () => {
  const { faults } = priceBasket([{ sku: 'DEAR', quantity: 2 }], 'PKR', catalogue, rules)
  assert.deepEqual(
    faults.map((fault) => fault.code),
    ['total_too_large'],
  )
})

test('the total is the sum of its lines and the shipping, whatever is in the basket', () => {
  const line = fc.record({ sku: fc.constantFrom('TEA', 'RICE'), quantity: fc.integer({ min: 1, max: 25 }) })
  fc.assert(
    fc.property(fc.array(line, { minLength: 1, maxLength: 2 }), (wanted) => {
      const { basket } = priceBasket(wanted, 'PKR', catalogue, rules)
      const expected = wanted.reduce(
        (sum, { sku, quantity }) => sum + quantity * catalogue.get(sku)!.prices[0]!.amount,
        25_000,
      )
      assert.equal(basket.total, expected)
    }),
  )
})
