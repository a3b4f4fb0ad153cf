import assert from 'node:assert/strict'
import { after, before, test } from 'node:test'
import { StockReserved } from '@mart/contracts/events/inventory-events'
import { newId } from '@mart/service-kit/ids'
import { basket, type OrderShop, startOrderShop } from './order-fixture.ts'

let shop: OrderShop
before(async () => {
  shop = await startOrderShop({ SHIPPING_RATES: 'PKR:0', COD_LIMIT: 'PKR:15000', STRIPE_CURRENCIES: 'PKR' })
})
after(() => shop.stop())

const of = (sku: string, payment_method: string) => basket({ lines: [{ sku, quantity: 1 }], payment_method })
const offered = { RICE: ['cash_on_delivery'], TEA: ['stripe'] } // for 10 rupees, and for 200

test('a way to pay that cannot take the sum of an order is refused, with why and with those that can', async () => {
  const refused = [
    ['RICE', 'stripe', 'sum_too_small', /A payment by card must be Rs 140 or more/],
    ['TEA', 'cash_on_delivery', 'sum_too_large', /Couriers take up to Rs 150/],
    ['TEA', 'payfast', 'not_accepted', /This shop does not take it/],
  ] as const
  for (const [sku, method, reason, words] of refused) {
    const { status, body } = await shop.place(of(sku, method))
    assert.deepEqual([status, body.code, body.reason], [422, 'payment_method_unavailable', reason])
    assert.deepEqual(body.offered, offered[sku])
    assert.equal(body.errors[0].field, 'payment_method')
    assert.match(body.errors[0].message, words)
    assert.match(body.errors[0].message, new RegExp(`Offered: ${offered[sku].join(', ')}\\.$`))
  }
  for (const sku of ['RICE', 'TEA'] as const) await shop.placed(of(sku, offered[sku][0]!))
})

test('so is another way to pay for an order that is there', async () => {
  const as = { id: newId() }
  const { id } = await shop.placed(of('TEA', 'stripe'), as)
  await shop.consume(StockReserved, { order_id: id })
  const body = { payment_method: 'cash_on_delivery' }
  const answer = await shop.http('POST', `/orders/${id}/payment`, { as, body })
  assert.deepEqual([answer.status, answer.body.reason, answer.body.offered], [422, 'sum_too_large', ['stripe']])
})
