import assert from 'node:assert/strict'
import { after, before, describe, test } from 'node:test'
import { StockRefused, StockReserved } from '@mart/contracts/events/inventory-events'
import { newId } from '@mart/service-kit/ids'
import { failNextWrite, readMetric } from '@mart/service-kit/testing-metrics'
import { basket, type OrderShop, startOrderShop } from './order-fixture.ts'

describe('what the order service tells of its orders', () => {
  let shop: OrderShop
  before(async () => {
    shop = await startOrderShop()
  })
  after(() => shop.stop())

  const moved = (from: string, to: string) => readMetric(shop, 'order_transitions_total', { from, to })
  const card = { payment_method: 'stripe' }

  test('an order is counted when it is taken, not when its key comes again or it could not be written', async () => {
    const failure = await failNextWrite(shop.service.db, 'orders')
    const as = { id: newId() }
    const headers = { 'idempotency-key': newId() }
    const place = () => shop.http('POST', '/orders', { as, headers, body: basket() })
    assert.ok((await place()).status >= 500)
    assert.equal(await moved('new', 'placed'), 0)
    assert.deepEqual([(await place()).status, (await place()).status], [201, 201])
    assert.ok(await failure.hasFailed())
    assert.equal(await readMetric(shop, 'order_transitions_total', { payment_method: 'cash_on_delivery' }), 1)
    assert.equal(await readMetric(shop, 'order_transitions_total', { payment_method: 'stripe' }), 0)
  })

  test('moves, money and times of a batch are counted once, though its transaction was rolled back at first', async () => {
    const [cash, paid, refused] = [
      await shop.placed(basket()),
      await shop.placed(basket(card)),
      await shop.placed(basket(card)),
    ]
    const failure = await failNextWrite(shop.service.db, 'order_history')
    const answers = [cash, paid].map(({ id }) => ({ order_id: id }))
    await shop.consume(StockReserved, ...answers)
    assert.ok(await failure.hasFailed())
    await shop.consume(StockReserved, answers[0]!) // said again: it is confirmed already
    await shop.consume(StockRefused, { order_id: refused.id, missing: [{ sku: 'RICE', requested: 1, available: 0 }] })
    assert.equal(await moved('placed', 'confirmed'), 1)
    assert.equal(await moved('placed', 'awaiting_payment'), 1)
    assert.equal(await moved('placed', 'cancelled'), 1)
    const inRupees = { currency: 'PKR', payment_method: 'cash_on_delivery' }
    assert.equal(await readMetric(shop, 'orders_confirmed_minor_units_total', inRupees), cash.total.amount)
    assert.equal(await readMetric(shop, 'orders_confirmed_minor_units_total'), cash.total.amount)
    assert.equal(await readMetric(shop, 'order_answer_seconds_count'), 3)
    assert.equal(await readMetric(shop, 'order_answer_seconds_bucket', { le: '300' }), 3)
    assert.equal(await readMetric(shop, 'event_delay_seconds_count', { event_type: 'stock.reserved' }), 3)
  })

  test('the oldest return that waits for us is told by its age: to be decided, or for its money', async () => {
    const { db } = shop.service
    const staff = { id: newId(), role: 'staff' as const }
    const waiting = (status: string) => readMetric(shop, 'returns_waiting_oldest_seconds', { status })
    const post = async (path: string, body?: unknown) => {
      const answer = await shop.http('POST', path, { as: staff, body })
      assert.ok(answer.status < 300, JSON.stringify(answer.body))
      return answer.body
    }
    assert.deepEqual([await waiting('requested'), await waiting('received')], [0, 0])
    const { id } = await shop.placed(basket({ lines: [{ sku: 'RICE', quantity: 6 }] }))
    await shop.consume(StockReserved, { order_id: id })
    await post(`/orders/${id}/shipments`, { carrier: 'TCS', tracking_number: '1' })
    await post(`/orders/${id}/deliveries`, {})
    const asked: string[] = []
    for (let n = 0; n < 6; n += 1) {
      const body = { lines: [{ sku: 'RICE', quantity: 1, reason: 'damaged' }] }
      asked.push((await post(`/orders/${id}/returns`, body)).id)
    }
    const [old, , come, alsoCome, approved, withdrawn] = asked as [string, string, string, string, string, string]
    for (const one of [come, alsoCome, approved]) await post(`/returns/${one}/approve`)
    for (const one of [come, alsoCome])
      await post(`/returns/${one}/receive`, { lines: [{ sku: 'RICE', quantity: 1, condition: 'damaged' }] })
    await post(`/orders/${id}/returns/${withdrawn}/withdraw`)
    const ages = { [old]: 100, [come]: 200, [approved]: 10_000, [withdrawn]: 10_000 }
    for (const [one, age] of Object.entries(ages)) {
      const ago = db`now() - ${age} * interval '1 second'`
      await db`update returns set requested_at = ${ago}, updated_at = ${ago} where id = ${one}`
    }
    for (const [status, age] of [
      ['requested', 100],
      ['received', 200],
    ] as const) {
      const told = await waiting(status)
      assert.ok(told >= age && told < age + 90, `${status}: ${told}`)
    }
  })

  test('the oldest order of each state that waits for us is told by its age', async () => {
    const { db } = shop.service
    const waiting = (status: string) => readMetric(shop, 'orders_waiting_oldest_seconds', { status })
    await db`delete from returns`
    await db`delete from orders`
    for (const status of ['placed', 'awaiting_payment', 'confirmed', 'cancelling'])
      assert.equal(await waiting(status), 0, status)
    // The clock does not come to what is overdue, or it would not wait.
    await db.unsafe(`
      create function refuse_timeout() returns trigger language plpgsql as
        $$ begin raise exception 'the clock is broken'; end $$;
      create trigger refuse_timeout before update on orders for each row
        when (old.status = 'awaiting_payment' and new.status = 'cancelling') execute function refuse_timeout()`)
    const ages = { placed: 100, awaiting_payment: 200, confirmed: 300, cancelling: 400 }
    for (const [status, age] of Object.entries(ages)) {
      const young = await shop.placed(basket(card))
      const old = await shop.placed(basket())
      await db`
        update orders set status = ${status}, payment_due_at = now() + interval '1 hour' where id = any(${[young.id, old.id]})`
      const ago = db`now() - ${age} * interval '1 second'`
      if (status === 'awaiting_payment') await db`update orders set payment_due_at = ${ago} where id = ${old.id}`
      else if (status === 'cancelling') await db`update orders set updated_at = ${ago} where id = ${old.id}`
      else await db`update orders set placed_at = ${ago} where id = ${old.id}`
    }
    for (const [status, age] of Object.entries(ages)) {
      const told = await waiting(status)
      assert.ok(told >= age && told < age + 90, `${status}: ${told}`)
    }
  })
})
