import assert from 'node:assert/strict'
import { after, before, describe, test } from 'node:test'
import { newShopper, type Shopper } from '@mart/demo/shopper'
import { type MartUnderTest, startMartUnderTest } from './mart-under-test.ts'

const BUYERS = 200
const UNITS = 50

describe('a stampede', () => {
  let under: MartUnderTest
  before(async () => {
    under = await startMartUnderTest()
  })
  after(() => under.stop())

  test('200 buyers want the last 50 at once: exactly 50 get one, 150 are told plainly', async () => {
    const sku = await under.stock(UNITS)
    const buyers: Shopper[] = []
    while (buyers.length < BUYERS) {
      buyers.push(...(await Promise.all(Array.from({ length: 10 }, () => newShopper(under.mart.addresses)))))
    }
    const placed = await Promise.all(
      buyers.map(async (buyer) => ({
        buyer,
        answer: await buyer.order({ lines: [{ sku, quantity: 1 }], payment_method: 'cash_on_delivery' }),
      })),
    )
    assert.ok(placed.every(({ answer }) => answer.status === 201))
    const orders = await Promise.all(
      placed.map(({ buyer, answer }) => buyer.waitFor(answer.body.id, ['confirmed', 'cancelled'])),
    )
    assert.equal(orders.filter(({ status }) => status === 'confirmed').length, UNITS)
    const refused = orders.filter(({ status }) => status === 'cancelled')
    assert.equal(refused.length, BUYERS - UNITS)
    assert.ok(refused.every((order) => order.cancel_reason === 'out_of_stock' && order.missing[0]?.sku === sku))
    assert.deepEqual(
      await under.available(sku).then(({ on_hand, reserved, available }) => [on_hand, reserved, available]),
      [UNITS, UNITS, 0],
    )
    await under.booksHold()
  })

  test('the same POST /orders 20 times at once with one key makes one order', async () => {
    const sku = await under.stock(100)
    const buyer = await newShopper(under.mart.addresses)
    const send = () => buyer.order({ lines: [{ sku, quantity: 1 }], payment_method: 'cash_on_delivery' }, 'the one key')
    const answers = await Promise.all(Array.from({ length: 20 }, send))
    assert.ok(answers.every(({ status }) => status === 201 || status === 409))
    const again = await send()
    assert.equal(again.status, 201)
    assert.equal(new Set([...answers.filter(({ status }) => status === 201), again].map(({ body }) => body.id)).size, 1)
    assert.equal((await buyer.api('order', 'GET', '/orders')).body.items.length, 1)
    await buyer.waitFor(again.body.id, ['confirmed'])
    assert.equal((await under.available(sku)).reserved, 1)
    await under.booksHold()
  })
})
