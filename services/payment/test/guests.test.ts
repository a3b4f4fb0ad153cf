import assert from 'node:assert/strict'
import { randomUUID } from 'node:crypto'
import { after, before, describe, test } from 'node:test'
import { OrderClaimed, OrderConfirmed, OrderGuestForgotten, OrderPaymentDue } from '@mart/contracts/events/order-events'
import { UserErased } from '@mart/contracts/events/user-events'
import {
  confirmed,
  due,
  newOrder,
  type PaymentService,
  startPaymentService,
  type TestOrder,
} from './payment-fixture.ts'

describe('the payment of a guest', () => {
  let shop: PaymentService
  before(async () => {
    shop = await startPaymentService({ PAYMENT_METHODS: 'cash_on_delivery' })
  })
  after(() => shop.stop())

  const now = () => new Date().toISOString()
  const claim = ({ order_id }: TestOrder, customer_id: string) =>
    shop.consume(OrderClaimed, { order_id, customer_id, claimed_at: now() })
  const seenBy = async (id: string) =>
    (await shop.http('GET', '/payments', { as: { id } })).body.items.map((one: { order_id: string }) => one.order_id)
  const basketOf = async ({ order_id }: TestOrder) =>
    (
      await shop.service.db`
      select basket from attempts a join payments p on p.id = a.payment_id where order_id = ${order_id}`
    )[0]?.['basket']

  test('is asked for without an account, and becomes that of the account which claims the order', async () => {
    const [cash, card] = [{ ...newOrder(null), payment_method: 'cash_on_delivery' as const }, newOrder(null)]
    await shop.consume(OrderConfirmed, confirmed(cash))
    await shop.consume(OrderPaymentDue, due(card))
    const [customer, other] = [randomUUID(), randomUUID()]
    assert.deepEqual(await seenBy(customer), [])
    for (const order of [cash, cash, card]) await claim(order, customer)
    assert.deepEqual((await seenBy(customer)).toSorted(), [cash.order_id, card.order_id].toSorted())
    assert.deepEqual(await seenBy(other), [])
    await claim(newOrder(null), customer)
  })

  test('stays without him who is erased before the claim is heard of', async () => {
    const order = newOrder(null)
    const customer = randomUUID()
    await shop.consume(OrderPaymentDue, due(order))
    await shop.consume(UserErased, { user_id: customer, erased_at: now() })
    await claim(order, customer)
    assert.equal((await shop.paymentOf(order))?.['customer_id'], null)
    assert.doesNotMatch(JSON.stringify(await basketOf(order)), /ayesha/)
  })

  test('stays when the guest is forgotten, without his e-mail address', async () => {
    const order = newOrder(null)
    // No worker may end the attempt first: what has ended is blank already.
    await shop.consume(OrderPaymentDue, due({ ...order, payment_method: 'cash_on_delivery' }))
    await shop.service.db`
      insert into attempts (id, payment_id, number, method, status, go_token, basket)
      select ${randomUUID()}, id, 9, 'stripe', 'open', 'x', ${'{"email": "ayesha@example.com", "phone": "+92", "lines": []}'}::text::jsonb
      from payments where order_id = ${order.order_id}`
    for (const _ of [1, 2]) {
      await shop.consume(OrderGuestForgotten, { order_id: order.order_id, forgotten_at: now() })
      const { email, phone } = await basketOf(order)
      assert.deepEqual([email, phone, (await shop.paymentOf(order))?.['amount']], [null, null, 150_000])
    }
  })
})
