import assert from 'node:assert/strict'
import { randomUUID } from 'node:crypto'
import { after, before, describe, test } from 'node:test'
import { OrderConfirmed, OrderDelivered } from '@mart/contracts/events/order-events'
import { postingsOf } from '../src/ledger.ts'
import {
  confirmed,
  delivered,
  newOrder,
  type PaymentService,
  staff,
  startPaymentService,
  type TestOrder,
} from './payment-fixture.ts'
import { paid, telling } from './telling.ts'

const kinds = (postings: ReturnType<typeof postingsOf>) =>
  Object.fromEntries(postings.map(({ account, amount }) => [account, amount]))

describe('what a change posts', () => {
  test('is what moved: money in, money on its way back, money gone', () => {
    const told = telling().opens(1)
    const steps = [
      () => told.consumes(1, paid(), { charge: 'pi_1' }),
      () => told.asksBack(50_000),
      () => told.refunds({ kind: 'succeeded', providerRefundId: 're_1' }),
    ]
    const posted = steps.map((step) => {
      const before = told.record()
      step()
      return kinds(postingsOf(before, told.record()))
    })
    assert.deepEqual(posted, [
      { 'provider:stripe': 150_000, sales: -150_000 },
      { refunds: 50_000, customer: -50_000 },
      { customer: 50_000, 'provider:stripe': -50_000 },
    ])
  })

  test('has what the provider kept, in the currency of the account there, once and of this charge only', () => {
    const told = telling().opens(1).consumes(1, paid(), { charge: 'pi_1' })
    const before = told.record()
    const paidFor = (fee: number) =>
      ({ kind: 'paid', money: { amount: 150_000, currency: 'PKR' }, fee: { amount: fee, currency: 'USD' } }) as const
    told.consumes(1, paidFor(50), { charge: 'pi_2' })
    told.consumes(1, paidFor(1_599), { charge: 'pi_1' })
    told.consumes(1, paidFor(7), { charge: 'pi_1' })
    const fees = postingsOf(before, told.record()).filter(({ currency }) => currency === 'USD')
    assert.deepEqual(kinds(fees), { 'fees:stripe': 1_599, 'provider:stripe': -1_599 })
  })

  test('is nothing when nothing moved', () => {
    const told = telling().opens(1)
    assert.deepEqual(postingsOf(told.record(), told.record()), [])
    assert.deepEqual(told.ledger, [])
  })
})

describe('the ledger', () => {
  let shop: PaymentService
  before(async () => {
    shop = await startPaymentService()
  })
  after(() => shop.stop())

  async function deliveredOrder(collected: number | null, more: object = {}): Promise<TestOrder> {
    const order: TestOrder = { ...newOrder(), payment_method: 'cash_on_delivery' }
    await shop.consume(OrderConfirmed, confirmed(order))
    await shop.consume(OrderDelivered, { ...delivered(order, collected), ...more })
    return order
  }

  test('has the cash that a courier took, once', async () => {
    const order = await deliveredOrder(null, { carrier: 'TCS' })
    await shop.consume(OrderDelivered, { ...delivered(order, null), carrier: 'TCS' })
    assert.deepEqual(await shop.ledgerOf(order), { 'courier:TCS': 150_000, sales: -150_000 })
  })

  test('takes no transaction that does not balance, in each currency', async () => {
    const { db } = shop.service
    const payment_id = (await shop.paymentOf(await deliveredOrder(null)))?.['id']
    const transaction_id = randomUUID()
    const line = { transaction_id, payment_id, account: 'sales' }
    const [rupees, dollars] = [
      { ...line, currency: 'PKR', amount: 5 },
      { ...line, currency: 'USD', amount: -5 },
    ]
    await assert.rejects(db`insert into ledger ${db([rupees])}`, /does not balance/)
    await assert.rejects(db`insert into ledger ${db([rupees, dollars])}`, /does not balance/)
    await db`insert into ledger ${db([rupees, { ...rupees, amount: -5 }])}`
  })

  test('is only added to', async () => {
    const { db } = shop.service
    await deliveredOrder(null)
    await assert.rejects(db`update ledger set amount = amount + 1`, /only added to/)
    await assert.rejects(db`delete from ledger`, /only added to/)
    await assert.rejects(db`truncate ledger`, /only added to/)
  })

  type Line = Record<'due' | 'collected' | 'handed_in', { amount: number }> & { carrier: string; deliveries: number }
  const linesOf = ({ items }: { items: Line[] }) =>
    items.map(({ carrier, deliveries, ...sums }) => [
      carrier,
      deliveries,
      ...[sums.due, sums.collected, sums.handed_in].map(({ amount }) => amount),
    ])

  test('is beside a daily list of what couriers owe, by the shop’s day', async () => {
    const at = { delivered_at: '2026-03-01T18:59:59.000Z' }
    const orders = [
      await deliveredOrder(null, { carrier: 'TCS', ...at }),
      await deliveredOrder(100_000, { carrier: 'TCS', delivered_at: '2026-02-28T19:00:00.000Z' }),
    ]
    await deliveredOrder(null, { carrier: 'Leopards', ...at })
    await deliveredOrder(null, { carrier: 'TCS', delivered_at: '2026-03-01T19:00:00.000Z' })
    const { status, body } = await shop.http('GET', '/courier-cash?date=2026-03-01', { as: staff })
    assert.equal(status, 200)
    assert.deepEqual(linesOf(body), [
      ['Leopards', 1, 150_000, 150_000, 0],
      ['TCS', 2, 300_000, 250_000, 0],
    ])
    assert.deepEqual([...body.items[1].order_ids].sort(), orders.map(({ order_id }) => order_id).sort())
    const tasks = await shop.tasksOf(orders[1] ?? newOrder())
    assert.deepEqual(
      tasks.map(({ kind, amount }) => [kind, amount]),
      [['cash_short', 50_000]],
    )
  })

  test('has the cash that a courier hands in, all of a day and once', async () => {
    const day = { date: '2026-04-01', carrier: 'TCS' }
    const at = { delivered_at: '2026-04-01T09:00:00.000Z', carrier: 'TCS' }
    const orders = [await deliveredOrder(null, at), await deliveredOrder(100_000, at)]
    await deliveredOrder(null, { ...at, carrier: 'Leopards' })
    const handIn = (amount: number, more: object = {}) =>
      shop.http('POST', '/courier-cash/handed-in', {
        as: staff,
        body: { ...day, amount: { amount, currency: 'PKR' }, ...more },
        headers: { 'idempotency-key': randomUUID() },
      })
    const less = await handIn(249_999)
    assert.deepEqual(
      [less.status, less.body.code, less.body.owed],
      [409, 'cash_differs', { amount: 250_000, currency: 'PKR' }],
    )
    assert.equal((await handIn(250_000, { amount: { amount: 250_000, currency: 'USD' } })).body.code, 'nothing_owed')
    const answers = await Promise.all([handIn(250_000), handIn(250_000)])
    assert.deepEqual(answers.map(({ status }) => status).sort(), [200, 409])
    assert.deepEqual(linesOf(answers.find(({ status }) => status === 200)?.body), [
      ['Leopards', 1, 150_000, 150_000, 0],
      ['TCS', 2, 300_000, 250_000, 250_000],
    ])
    assert.deepEqual(await shop.ledgerOf(orders[0] ?? newOrder()), { cash: 150_000, sales: -150_000 })
    const listed = await shop.http('GET', `/courier-cash?date=${day.date}`, { as: staff })
    assert.deepEqual(
      listed.body.items.map(({ handed_in_by }: { handed_in_by: string[] }) => handed_in_by),
      [[], [staff.id]],
    )
    assert.equal((await handIn(250_000)).body.code, 'nothing_owed')
    const late = await deliveredOrder(null, at)
    assert.equal((await handIn(150_000)).status, 200)
    assert.deepEqual(await shop.ledgerOf(late), { cash: 150_000, sales: -150_000 })
  })

  test('takes no hand-in with a fault in it', async () => {
    const body = { date: '2026-04-01', carrier: 'TCS', amount: { amount: 1, currency: 'PKR' } }
    const faults = [
      { date: 'today' },
      { date: '0000-01-01' },
      { date: '9999-12-31' },
      { amount: { amount: 1, currency: 'ABC' } },
      { carrier: 'T\u0000' },
      { carrier: 7 },
      { amount: { amount: -1, currency: 'PKR' } },
      { amount: 5 },
      { x: 1 },
    ]
    for (const fault of faults) {
      const headers = { 'idempotency-key': randomUUID() }
      const answer = await shop.http('POST', '/courier-cash/handed-in', {
        as: staff,
        body: { ...body, ...fault },
        headers,
      })
      assert.ok(answer.status === 400 || answer.status === 422, JSON.stringify(fault))
    }
    assert.equal((await shop.http('POST', '/courier-cash/handed-in', { as: { id: randomUUID() }, body })).status, 403)
  })

  test('and its list are for staff, and for a day that there is', async () => {
    const path = '/courier-cash?date=2026-03-01'
    assert.equal((await shop.http('GET', path, {})).status, 401)
    assert.equal((await shop.http('GET', path, { as: { id: randomUUID() } })).status, 403)
    const days = ['0000-01-01', '0001-01-01', '1969-12-31', '3000-01-01', '9999-12-31', '-001-01-01', '2026-13-01']
    const others = ['yesterday', '2026-02-30', '2026-03-01T00:00:00Z', '%00', '2026-03-01&date=2026-03-02', 'null']
    for (const bad of ['', '?date=', ...[...days, ...others].map((day) => `?date=${day}`)]) {
      assert.equal((await shop.http('GET', `/courier-cash${bad}`, { as: staff })).status, 400, bad)
    }
  })
})
