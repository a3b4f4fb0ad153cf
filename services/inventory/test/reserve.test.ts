import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { EventDefinition } from '@mart/contracts/events/define-event'
import { StockAvailabilityChanged, StockLow } from '@mart/contracts/events/inventory-events'
import { type PlacedOrder, reserve } from '../src/reserve.ts'
import { availableOf, changesBy, newsOf, type Stock, withChange } from '../src/stock.ts'

const stockOf = (sku: string, on_hand: number, fields: Partial<Stock> = {}): Stock =>
  withChange({ sku, on_hand, reserved: 0, low_stock_at: 5, availability: 'out' }, fields)
const order = (order_id: string, ...lines: [string, number][]): PlacedOrder => ({
  order_id,
  lines: lines.map(([sku, quantity]) => ({ sku, quantity })),
})

test('an order gets all of its lines', () => {
  const { decisions, changes } = reserve([order('1', ['tea', 2], ['rice', 1])], [stockOf('tea', 9), stockOf('rice', 9)])
  assert.deepEqual(decisions, [
    {
      order_id: '1',
      reserved: [
        { sku: 'tea', quantity: 2 },
        { sku: 'rice', quantity: 1 },
      ],
      missing: [],
    },
  ])
  assert.deepEqual(
    changes.map(({ after }) => [after.sku, after.on_hand, after.reserved]),
    [
      ['tea', 9, 2],
      ['rice', 9, 1],
    ],
  )
})

test('an order that lacks something gets nothing, and every SKU that is missing is named', () => {
  const stocks = [stockOf('tea', 9), stockOf('rice', 1), stockOf('oil', 4, { reserved: 4 })]
  const { decisions, changes } = reserve([order('1', ['tea', 2], ['rice', 2], ['oil', 1], ['unheard', 1])], stocks)
  assert.deepEqual(decisions[0]?.reserved, [])
  assert.deepEqual(decisions[0]?.missing, [
    { sku: 'rice', requested: 2, available: 1 },
    { sku: 'oil', requested: 1, available: 0 },
    { sku: 'unheard', requested: 1, available: 0 },
  ])
  assert.deepEqual(changes, [])
})

test('what a refused order wanted is there for the next one', () => {
  const orders = [order('1', ['tea', 3], ['rice', 9]), order('2', ['tea', 3]), order('3', ['tea', 1])]
  const { decisions } = reserve(orders, [stockOf('tea', 3), stockOf('rice', 1)])
  assert.deepEqual(
    decisions.map(({ missing }) => missing.length),
    [1, 0, 1],
  )
})

test('lines of one SKU are one line', () => {
  const { decisions } = reserve([order('1', ['tea', 2], ['tea', 3])], [stockOf('tea', 4)])
  assert.deepEqual(decisions[0]?.missing, [{ sku: 'tea', requested: 5, available: 4 }])
})

test('whatever is ordered, never more is reserved than was available, and no order gets a part', () => {
  const seed = Math.floor(Math.random() * 2 ** 31)
  const random = randomNumbers(seed)
  for (let round = 0; round < 300; round += 1) {
    const stocks = Array.from({ length: 5 }, (_, n) => {
      const on_hand = random(20)
      return stockOf(`sku-${n}`, on_hand, { reserved: random(on_hand + 1) })
    })
    const orders = Array.from({ length: 30 }, (_, n) =>
      order(
        `${n}`,
        ...Array.from({ length: 1 + random(3) }, (): [string, number] => [`sku-${random(6)}`, 1 + random(5)]),
      ),
    )
    const { decisions, changes } = reserve(orders, stocks)
    for (const { after } of changes) assert.ok(availableOf(after) >= 0, `seed ${seed}, round ${round}`)
    for (const stock of stocks) {
      const taken = decisions.flatMap((decision) => decision.reserved).filter((line) => line.sku === stock.sku)
      const sum = taken.reduce((total, line) => total + line.quantity, 0)
      const after = changes.find((change) => change.after.sku === stock.sku)?.after ?? stock
      assert.equal(after.reserved, stock.reserved + sum, `seed ${seed}, round ${round}`)
    }
    for (const [n, decision] of decisions.entries()) {
      const wanted = new Set(orders[n]?.lines.map((line) => line.sku)).size
      assert.equal(decision.reserved.length, decision.missing.length > 0 ? 0 : wanted, `seed ${seed}, round ${round}`)
    }
  }
})

test('a class is out at nothing, low up to its threshold, in stock above', () => {
  const classes = [0, 1, 5, 6].map((on_hand) => stockOf('tea', on_hand).availability)
  assert.deepEqual(classes, ['out', 'low', 'low', 'in_stock'])
  assert.equal(stockOf('tea', 1, { low_stock_at: 0 }).availability, 'in_stock')
  assert.equal(stockOf('tea', 8, { reserved: 3 }).availability, 'low')
})

test('nothing is told while the class stays, and low stock only when it falls from above', () => {
  const news = (on_hand: number, delta: number) => {
    const said = newsOf(changesBy([{ sku: 'tea', on_hand: delta }], [stockOf('tea', on_hand)]))
    const dataOf = ({ type }: EventDefinition) => said.find(({ event }) => event.type === type)?.data
    return [dataOf(StockAvailabilityChanged)?.['availability'], dataOf(StockLow)?.['available']]
  }
  assert.deepEqual(news(20, -5), [undefined, undefined])
  assert.deepEqual(news(6, -1), ['low', 5])
  assert.deepEqual(news(6, -6), ['out', 0])
  assert.deepEqual(news(5, -1), ['low', undefined], 'of few it is told how few')
  assert.deepEqual(news(5, 0), [undefined, undefined])
  assert.deepEqual(news(5, -5), ['out', undefined])
  assert.deepEqual(news(0, 3), ['low', undefined])
  assert.deepEqual(news(3, 3), ['in_stock', undefined])
})

test('a move of a SKU that was not locked is refused', () => {
  assert.throws(() => changesBy([{ sku: 'tea', reserved: 1 }], []), RangeError)
})

function randomNumbers(seed: number): (below: number) => number {
  let state = seed
  return (below) => {
    state = (Math.imul(state, 1_103_515_245) + 12_345) & 0x7fffffff
    return (state >> 8) % below
  }
}
