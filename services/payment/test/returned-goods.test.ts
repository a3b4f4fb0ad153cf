import assert from 'node:assert/strict'
import { after, before, describe, test } from 'node:test'
import type { DataOf } from '@mart/contracts/events/define-event'
import { OrderConfirmed, OrderDelivered, ordersTopic, ReturnReceived } from '@mart/contracts/events/order-events'
import { PaymentNothingToRefund, PaymentRefunded, PaymentRefundNeeded } from '@mart/contracts/events/payment-events'
import { newId } from '@mart/service-kit/ids'
import { recordOf } from '@mart/service-kit/testing'
import { collectCash, expectCash } from '../src/cash/cash.ts'
import { refundGoods } from '../src/refunds/returned-goods.ts'
import { confirmed, delivered, newOrder, staff, startShop, type TestOrder } from './payment-fixture.ts'
import { emptyRecord, minutes, NOW, paid, telling } from './telling.ts'

const rupees = (amount: number) => ({ amount, currency: 'PKR' })
const done = (id: string) => ({ kind: 'succeeded', providerRefundId: id }) as const

describe('goods that came back', () => {
  const paidStory = () => telling().opens(1).consumes(1, paid(), { charge: 'pi_1' })
  const comesBack = (told: ReturnType<typeof telling>, returnId: string, amount: number) => {
    told.take(refundGoods(told.record(), { returnId, money: rupees(amount) }, told.moment()))
    return told
  }

  test('are paid back in part, once for each return, with its id', () => {
    const told = comesBack(comesBack(paidStory(), 'return-1', 50_000), 'return-1', 50_000)
    assert.equal(told.record().refunds.length, 1)
    told.refunds(done('re_1'))
    assert.equal(told.record().payment.status, 'partially_refunded')
    assert.deepEqual([told.last()['return_id'], told.last()['refunded']], ['return-1', rupees(50_000)])
    comesBack(told, 'return-2', 100_000).refunds(done('re_2'))
    assert.equal(told.record().payment.status, 'refunded')
    assert.deepEqual([told.last()['return_id'], told.last()['refunded_in_all']], ['return-2', rupees(150_000)])
  })

  test('bring no more than is left, and say so where nothing is', () => {
    const told = paidStory()
    told.asksBack(120_000)
    comesBack(told, 'return-1', 50_000)
    assert.equal(told.record().refunds.at(-1)?.amount, 30_000)
    comesBack(told, 'return-2', 1)
    assert.equal(told.record().refunds.length, 2)
    assert.equal(told.types().at(-1), 'payment.nothing_to_refund')
    assert.equal(told.last()['return_id'], 'return-2')
    // What a person asked for is no return's.
    told.refunds(done('re_1'))
    assert.equal('return_id' in told.last(), false)
  })

  test('whose payment is disputed are left to people', () => {
    const told = paidStory().consumes(1, { kind: 'disputed', money: rupees(150_000), reason: 'x' }, { charge: 'pi_1' })
    comesBack(told, 'return-1', 50_000)
    assert.deepEqual([told.types().at(-1), told.last()['return_id']], ['payment.refund_needed', 'return-1'])
    assert.equal(told.refunds(undefined, minutes(1)), null)
  })

  test('paid in cash are a task of staff: of what the courier took, and no more', () => {
    const moment = { now: NOW, newId }
    const taken = { collected: rupees(100_000), carrier: 'TCS', deliveredAt: NOW }
    const record = collectCash(expectCash(emptyRecord('cash_on_delivery'), moment), taken, moment)
    const after = refundGoods(record, { returnId: 'return-1', money: rupees(150_000) }, moment)
    const task = after.tasks.at(-1)
    assert.deepEqual([task?.kind, task?.amount, task?.reason], ['refund', 100_000, 'goods_returned'])
  })

  test('in a sum that Stripe does not know, a person sends back', () => {
    const told = paidStory()
    const record = told.record()
    record.payment.currency = 'MGA'
    const after = refundGoods(record, { returnId: 'r', money: { amount: 7, currency: 'MGA' } }, told.moment())
    assert.deepEqual([after.refunds[0]?.status, after.refunds[0]?.error], ['failed', 'Stripe knows no such sum'])
  })

  test('of another currency are a fault', () => {
    const record = paidStory().record()
    const money = { amount: 1, currency: 'USD' }
    assert.throws(() => refundGoods(record, { returnId: 'r', money }, { now: NOW, newId }), RangeError)
  })
})

describe('a return that order says is received', () => {
  let shop: Awaited<ReturnType<typeof startShop>>
  before(async () => {
    shop = await startShop()
  })
  after(() => shop.stop())

  const received = (order: TestOrder, amount: number): DataOf<typeof ReturnReceived> => ({
    ...order,
    return_id: newId(),
    lines: [{ sku: 'TEA', name: 'Tapal Danedar', quantity: 1, reason: 'damaged' }],
    refund: rupees(amount),
    received: [{ sku: 'TEA', quantity: 1, condition: 'damaged' }],
    received_at: new Date().toISOString(),
  })

  test('is refunded at Stripe, once, with the return’s id', async () => {
    const order = newOrder()
    await shop.pay(await shop.open(order))
    await shop.becomes(order, 'succeeded')
    const event = received(order, 125_000)
    const record = recordOf(ReturnReceived, event)
    await shop.consumeRecords(ordersTopic, [record, record, recordOf(ReturnReceived, event)])
    await shop.becomes(order, 'partially_refunded')
    await shop.consume(ReturnReceived, event)
    const [told, ...more] = await shop.saidOf(order, PaymentRefunded)
    assert.deepEqual([told?.['return_id'], told?.['refunded'], more.length], [event.return_id, rupees(125_000), 0])
    const rows = await shop.refundsOf(order)
    assert.deepEqual(
      rows.map((row) => [row['return_id'], row['amount'], row['reason']]),
      [[event.return_id, 125_000, 'goods_returned']],
    )
    const seen = (await shop.http('GET', `/payments?order_id=${order.order_id}`, { as: staff })).body.items[0]
    assert.deepEqual([seen.refunds[0].return_id, seen.refunds[0].reason], [event.return_id, 'goods_returned'])
    await shop.consume(ReturnReceived, received(order, 25_001))
    await shop.becomes(order, 'refunded')
    await shop.consume(ReturnReceived, received(order, 1))
    assert.equal((await shop.saidOf(order, PaymentNothingToRefund)).length, 1)
  })

  test('of a cash order is a task, and told once staff have done it', async () => {
    const order = { ...newOrder(), payment_method: 'cash_on_delivery' as const }
    await shop.consume(OrderConfirmed, confirmed(order))
    await shop.consume(OrderDelivered, delivered(order, null))
    const event = received(order, 125_000)
    await shop.consume(ReturnReceived, event, received(order, 0))
    const [needed, ...more] = await shop.saidOf(order, PaymentRefundNeeded)
    assert.deepEqual([needed?.['return_id'], needed?.['reason'], more.length], [event.return_id, 'goods_returned', 0])
    const [task] = await shop.tasksOf(order)
    await shop.http('POST', `/refund-tasks/${task?.['id']}/done`, { as: staff, body: { note: 'by bank' } })
    const [told] = await shop.saidOf(order, PaymentRefunded)
    assert.deepEqual([told?.['return_id'], told?.['refunded']], [event.return_id, rupees(125_000)])
  })

  test('of an order without a payment is parked, so that staff see it', async () => {
    const order = newOrder()
    await shop.consume(ReturnReceived, received(order, 100))
    const { body } = await shop.http('GET', '/parked', { as: staff })
    assert.match(body.items.find((one: { key: string }) => one.key === order.order_id).error, /no payment/)
  })
})
