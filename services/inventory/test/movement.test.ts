import assert from 'node:assert/strict'
import { test } from 'node:test'
import { type Adjustment, adjusted, sold } from '../src/movement.ts'
import type { Stock } from '../src/stock.ts'

const tea: Stock = { sku: 'tea', on_hand: 10, reserved: 4, low_stock_at: 5, availability: 'in_stock' }
const faults = (adjustment: Adjustment) => {
  try {
    adjusted(tea, adjustment, 'someone')
    return []
  } catch (error) {
    return (error as { details: { errors?: { field: string; code: string }[] } }).details.errors?.map(
      ({ field, code }) => `${field} ${code}`,
    )
  }
}

test('a delta moves what is on hand', () => {
  const movement = adjusted(tea, { delta: 5, reason: 'received', note: 'van' }, 'someone')
  assert.deepEqual(movement, {
    sku: 'tea',
    delta: 5,
    reason: 'received',
    on_hand_after: 15,
    by: 'someone',
    note: 'van',
  })
})

test('a count moves by its difference, which may be none', () => {
  assert.equal(adjusted(tea, { counted: 7, reason: 'count' }, 'someone').delta, -3)
  assert.equal(adjusted(tea, { counted: 10, reason: 'count' }, 'someone').delta, 0)
})

test('never below what is reserved', () => {
  assert.equal(adjusted(tea, { delta: -6, reason: 'damaged' }, 'someone').on_hand_after, 4)
  const refusal = { status: 409, code: 'stock_reserved' }
  assert.throws(() => adjusted(tea, { delta: -7, reason: 'damaged' }, 'someone'), refusal)
  assert.throws(() => adjusted(tea, { counted: 3, reason: 'count' }, 'someone'), refusal)
})

test('exactly one of delta and counted, a count is called one, and nothing is not moved', () => {
  assert.deepEqual(faults({ reason: 'received' }), ['delta required'])
  assert.deepEqual(faults({ delta: 1, counted: 1, reason: 'count' }), ['counted exclusive'])
  assert.deepEqual(faults({ counted: 1, reason: 'received' }), ['reason const'])
  assert.deepEqual(faults({ delta: 0, reason: 'received' }), ['delta not_zero'])
  assert.deepEqual(faults({ delta: 0, counted: 1, reason: 'received' }), [
    'counted exclusive',
    'delta not_zero',
    'reason const',
  ])
})

test('goods of several orders leave the shelf one after another', () => {
  const lines = [
    { order_id: '1', sku: 'tea', quantity: 3 },
    { order_id: '2', sku: 'tea', quantity: 1 },
  ]
  assert.deepEqual(
    sold(lines, [tea]).map(({ delta, on_hand_after, by }) => [delta, on_hand_after, by]),
    [
      [-3, 7, 'order 1'],
      [-1, 6, 'order 2'],
    ],
  )
})
