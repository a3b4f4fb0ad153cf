import assert from 'node:assert/strict'
import { after, before, test } from 'node:test'
import { StockReserved } from '@mart/contracts/events/inventory-events'
import {
  OrderCancelRequested,
  OrderConfirmed,
  OrderDelivered,
  OrderPaymentDue,
} from '@mart/contracts/events/order-events'
import { PaymentVoided } from '@mart/contracts/events/payment-events'
import { newId } from '@mart/service-kit/ids'
import type { TestPerson } from '@mart/service-kit/testing'
import { basket, type OrderShop, startOrderShop } from './order-fixture.ts'

let shop: OrderShop
const staff: TestPerson = { id: newId(), role: 'staff' }
before(async () => {
  shop = await startOrderShop({ SHIPPING_RATES: 'PKR:0', PAYMENT_METHODS: 'cash_on_delivery' })
})
after(() => shop.stop())

for (const payment_method of ['stripe', 'cash_on_delivery', 'payfast']) {
  test(`an order of nothing, by ${payment_method}: confirmed without a payment, cancelled as any other, delivered for nothing`, async () => {
    const free = () => shop.placed(basket({ payment_method, lines: [{ sku: 'SAMPLE', quantity: 2 }] }))
    const [kept, dropped] = [await free(), await free()]
    assert.deepEqual([kept.total.amount, kept.payment.status], [0, 'nothing_due'])
    await shop.consume(StockReserved, { order_id: kept.id }, { order_id: dropped.id })
    const now = async (id: string) => (await shop.http('GET', `/orders/${id}`, { as: staff })).body
    const countOf = async (event: Parameters<OrderShop['published']>[0], id: string) =>
      (await shop.published(event)).filter(({ key }) => key === id).length
    assert.deepEqual([(await now(kept.id)).status, (await now(kept.id)).payment.status], ['confirmed', 'nothing_due'])
    assert.deepEqual([await countOf(OrderPaymentDue, kept.id), await countOf(OrderConfirmed, kept.id)], [0, 1])

    await shop.http('POST', `/orders/${dropped.id}/cancel`, { as: staff })
    assert.equal(await countOf(OrderCancelRequested, dropped.id), 1)
    await shop.consume(PaymentVoided, { order_id: dropped.id, refunding: false })
    assert.deepEqual(
      [(await now(dropped.id)).status, (await now(dropped.id)).payment.status],
      ['cancelled', 'nothing_due'],
    )

    const parcel = { carrier: 'TCS', tracking_number: '1' }
    await shop.http('POST', `/orders/${kept.id}/shipments`, { as: staff, body: parcel })
    assert.equal((await shop.http('POST', `/orders/${kept.id}/deliveries`, { as: staff })).body.status, 'delivered')
    const delivered = (await shop.published(OrderDelivered)).find(({ key }) => key === kept.id)
    assert.equal(delivered?.data.collected, null)
  })
}
