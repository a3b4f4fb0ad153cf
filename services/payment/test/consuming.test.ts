import assert from 'node:assert/strict'
import { randomUUID } from 'node:crypto'
import { after, before, describe, test } from 'node:test'
import {
  OrderCancelled,
  OrderCancelRequested,
  OrderConfirmed,
  OrderDelivered,
  OrderPaymentDue,
  OrderUndelivered,
  ordersTopic,
} from '@mart/contracts/events/order-events'
import { PaymentCashAgreed, PaymentFailed, PaymentVoided } from '@mart/contracts/events/payment-events'
import { UserErased } from '@mart/contracts/events/user-events'
import { inTransaction } from '@mart/service-kit/postgres'
import { eventually, recordOf } from '@mart/service-kit/testing'
import { erasePerson } from '../src/use-cases/erase-person.ts'
import { startPayments } from '../src/use-cases/follow-order.ts'
import {
  cancelled,
  cancelRequest,
  confirmed,
  delivered,
  due,
  newOrder,
  type PaymentService,
  startPaymentService,
  type TestOrder,
  undelivered,
} from './payment-fixture.ts'

describe('the payment service, by itself', () => {
  let shop: PaymentService
  before(async () => {
    shop = await startPaymentService()
  })
  after(() => shop.stop())

  const cashOrder = (customerId?: string | null): TestOrder => ({
    ...newOrder(customerId),
    payment_method: 'cash_on_delivery',
  })
  const repeat = async (order: TestOrder, send: () => ReturnType<typeof recordOf>) => {
    const record = send()
    await shop.consumeRecords(ordersTopic, [record, record])
    await shop.consumeRecords(ordersTopic, [record])
    return order
  }

  test('expects cash for a confirmed order, and says nothing', async () => {
    const order = cashOrder()
    await repeat(order, () => recordOf(OrderConfirmed, confirmed(order)))
    const row = await shop.paymentOf(order)
    assert.deepEqual(
      [row?.['status'], row?.['method'], row?.['amount']],
      ['due_on_delivery', 'cash_on_delivery', 150_000],
    )
    assert.deepEqual(await shop.saidOf(order, PaymentCashAgreed, PaymentVoided), [])
  })

  test('expects cash for many orders that come together, and none for one that is paid otherwise', async () => {
    const orders = Array.from({ length: 30 }, () => cashOrder())
    const byCard = newOrder()
    await shop.consume(OrderConfirmed, ...[...orders, byCard, ...orders].map(confirmed))
    for (const order of orders) assert.equal((await shop.paymentOf(order))?.['status'], 'due_on_delivery')
    assert.equal(await shop.paymentOf(byCard), undefined)
  })

  test('agrees to cash that is chosen later, once', async () => {
    const order = cashOrder()
    await repeat(order, () => recordOf(OrderPaymentDue, due(order, 2)))
    await shop.consume(OrderConfirmed, confirmed(order))
    assert.equal((await shop.paymentOf(order))?.['status'], 'due_on_delivery')
    assert.equal((await shop.saidOf(order, PaymentCashAgreed)).length, 1)
  })

  for (const [collected, recorded] of [
    [150_000, 150_000],
    [100_000, 100_000],
    [null, 150_000],
  ] as const) {
    test(`records what the courier collected: ${collected ?? 'nothing said'}`, async () => {
      const order = cashOrder()
      await shop.consume(OrderConfirmed, confirmed(order))
      await repeat(order, () => recordOf(OrderDelivered, delivered(order, collected)))
      const row = await shop.paymentOf(order)
      assert.deepEqual([row?.['status'], row?.['collected']], ['succeeded', recorded])
    })
  }

  test('voids cash that was not taken', async () => {
    const order = cashOrder()
    await shop.consume(OrderConfirmed, confirmed(order))
    await repeat(order, () => recordOf(OrderUndelivered, undelivered(order)))
    assert.equal((await shop.paymentOf(order))?.['status'], 'voided')
    assert.deepEqual(await shop.saidOf(order, PaymentVoided), [])
  })

  test('expects no cash of an order of nothing, and answers its cancellation', async () => {
    const order = { ...cashOrder(), total: { amount: 0, currency: 'PKR' } }
    await shop.consume(OrderConfirmed, confirmed(order))
    assert.equal(await shop.paymentOf(order), undefined)
    await shop.consume(OrderCancelRequested, cancelRequest(order, 'refund'))
    assert.deepEqual(await shop.saidOf(order, PaymentVoided), [{ order_id: order.order_id, refunding: false }])
  })

  test('answers the cancel request of a cash order at once, once', async () => {
    const order = cashOrder()
    await shop.consume(OrderConfirmed, confirmed(order))
    await repeat(order, () => recordOf(OrderCancelRequested, cancelRequest(order, 'refund')))
    await shop.consume(OrderCancelRequested, cancelRequest(order, 'refund'))
    assert.equal((await shop.paymentOf(order))?.['status'], 'voided')
    assert.deepEqual(await shop.saidOf(order, PaymentVoided), [{ order_id: order.order_id, refunding: false }])
  })

  test('answers a cancel request for an order that it never heard of, and opens nothing for it later', async () => {
    const order = newOrder()
    await repeat(order, () => recordOf(OrderCancelRequested, cancelRequest(order, 'refund')))
    await shop.consume(OrderCancelRequested, cancelRequest(order, 'refund'))
    assert.deepEqual(await shop.saidOf(order, PaymentVoided), [{ order_id: order.order_id, refunding: false }])
    await shop.consume(OrderPaymentDue, due(order))
    assert.equal(await shop.paymentOf(order), undefined)
    await shop.consume(OrderConfirmed, confirmed({ ...order, payment_method: 'cash_on_delivery' }))
    assert.equal((await shop.paymentOf(order))?.['status'], 'voided')
  })

  test('remembers an order that was cancelled without asking, without a word', async () => {
    const order = newOrder()
    await repeat(order, () => recordOf(OrderCancelled, cancelled(order)))
    await shop.consume(OrderPaymentDue, due(order))
    assert.equal(await shop.paymentOf(order), undefined)
    assert.deepEqual(await shop.saidOf(order, PaymentVoided), [])
  })

  test('fails an attempt by a method that it has no keys for', async () => {
    const order = newOrder()
    await shop.consume(OrderPaymentDue, due(order))
    await shop.becomes(order, 'failed')
    const [failed] = await shop.saidOf(order, PaymentFailed)
    assert.equal(failed?.['final'], true)
  })

  test('forgets an erased person, and keeps the books', async () => {
    const person = randomUUID()
    const [paidOrder, openOrder, laterOrder] = [cashOrder(person), newOrder(person), cashOrder(person)]
    await shop.consume(OrderConfirmed, confirmed(paidOrder))
    await shop.consume(OrderPaymentDue, due(openOrder))
    await shop.consume(UserErased, { user_id: person, erased_at: new Date().toISOString() })
    await shop.consume(OrderConfirmed, confirmed(laterOrder))
    await shop.consume(OrderPaymentDue, due(openOrder, 2))
    for (const order of [paidOrder, openOrder, laterOrder]) {
      const row = await shop.paymentOf(order)
      assert.deepEqual([row?.['customer_id'], row?.['amount']], [null, 150_000])
    }
    const rows = await shop.service.db`select a.basket, p.* from payments p left join attempts a on a.payment_id = p.id`
    assert.doesNotMatch(JSON.stringify(rows.filter((row) => row['order_id'] === openOrder.order_id)), /ayesha/)
    const { body } = await shop.http('GET', '/payments', { as: { id: person } })
    assert.deepEqual(body.items, [])
  })

  for (const [what, attempt] of [
    ['for the first time', 1],
    ['once more', 2],
  ] as const) {
    test(`forgets a person who is erased while an attempt is written down ${what}`, async () => {
      const { db } = shop.service
      const order = newOrder(randomUUID())
      if (attempt === 2) await shop.consume(OrderPaymentDue, due(order))
      const asked = due(order, attempt)
      let erasing: Promise<unknown> = Promise.resolve()
      await inTransaction(db, async (tx) => {
        await startPayments(tx, [
          {
            orderId: order.order_id,
            customerId: order.customer_id,
            total: asked.total,
            number: attempt,
            method: 'stripe',
            dueAt: new Date(asked.due_at),
            basket: { number: asked.number, email: 'ayesha@example.com', lines: [], shipping: 0 },
          },
        ])
        erasing = inTransaction(db, (other) => erasePerson(other, order.customer_id!, new Date().toISOString()))
        const waiting = () => tx`select from pg_stat_activity where pg_backend_pid() = any(pg_blocking_pids(pid))`
        await eventually(async () => (await waiting()).length > 0, 'the erasure waits for what is being written')
      })
      await erasing
      const rows = await db`
        select a.basket, p.customer_id from payments p join attempts a on a.payment_id = p.id
        where p.order_id = ${order.order_id}`
      assert.equal(rows.length, attempt)
      assert.doesNotMatch(JSON.stringify(rows), /ayesha/)
      assert.ok(rows.every((row) => row['customer_id'] === null))
    })
  }
})
