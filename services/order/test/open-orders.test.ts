import assert from 'node:assert/strict'
import { after, before, describe, test } from 'node:test'
import { StockRefused, StockReserved } from '@mart/contracts/events/inventory-events'
import { newId } from '@mart/service-kit/ids'
import { connectDatabase } from '@mart/service-kit/postgres'
import type { TestPerson } from '@mart/service-kit/testing'
import { createOrderWriter } from '../src/order-writer.ts'
import { basket, type OrderShop, startOrderShop } from './order-fixture.ts'

const card = { payment_method: 'stripe' }

describe('open orders of one customer', () => {
  let shop: OrderShop
  before(async () => {
    shop = await startOrderShop({
      MART_RATE_LIMITS: 'on',
      MAX_OPEN_ORDERS: '20',
      COD_UNVERIFIED_LIMIT: 'PKR:100000',
    })
  })
  after(() => shop.stop())

  const countOf = async ({ id }: TestPerson) =>
    (await shop.service.db`select from orders where customer_id = ${id}`).length
  const choose = (id: string, method: string, as: TestPerson) =>
    shop.http('POST', `/orders/${id}/payment`, { as, body: { payment_method: method } })

  test('250 at the same moment: as many as allowed are taken, the others are told', async () => {
    const as = { id: newId() }
    // Signed once, or they would come one after the other.
    const headers = { authorization: `Bearer ${await shop.tokenFor(as)}` }
    await shop.http('GET', '/orders', { headers })
    const statuses = await Promise.all(
      Array.from({ length: 250 }, async () => (await shop.http('POST', '/orders', { headers, body: basket() })).status),
    )
    assert.deepEqual([statuses.filter((s) => s === 201).length, statuses.filter((s) => s === 429).length], [20, 230])
    assert.equal(await countOf(as), 20)
  })

  test('two replicas on one database take no more between them', async () => {
    const { db } = shop.service
    const { id } = await shop.placed(basket())
    const [model] = await db`select * from orders where id = ${id}`
    const pools = [0, 1, 2].map((n) =>
      connectDatabase(shop.service.config.DATABASE_URL, { max: 2, applicationName: `replica ${n}` }),
    )
    const replicas = pools.map((pool) => createOrderWriter(pool, { most: 20, unprovenCash: {} }))
    const customers = Array.from({ length: 4 }, () => newId())
    const wanted = (customer_id: string) => ({
      order: { ...(model as never as object), id: newId(), number: newId(), customer_id, open_slot: null } as never,
      isUnprovenCash: false,
      holders: [],
      idempotency: null,
      cartId: null,
    })
    const taken = await Promise.all(
      Array.from({ length: 360 }, (_, n) => replicas[n % 3]!.place(wanted(customers[n % 4]!))),
    )
    assert.equal(taken.filter(Boolean).length, 80)
    for (const customer of customers) assert.equal(await countOf({ id: customer }), 20)
    await Promise.all(pools.map((pool) => pool.end()))
  })

  test('an order that is no longer open leaves its place to another, whichever it was', async () => {
    const as = { id: newId() }
    const orders: { id: string }[] = []
    for (let n = 0; n < 20; n += 1) orders.push(await shop.placed(basket(), as))
    assert.equal((await shop.place(basket(), as)).body.code, 'too_many_open_orders')
    await shop.consume(StockRefused, ...[3, 11].map((n) => ({ order_id: orders[n]!.id, missing: [] })))
    const answers = await Promise.all([1, 2, 3, 4].map(() => shop.place(basket(), as)))
    assert.deepEqual(answers.map(({ status }) => status).toSorted(), [201, 201, 429, 429])
  })

  test('an account without a proven address has one open cash order, also when it asks ten times at once', async () => {
    const as = { id: newId(), emailVerified: false }
    const answers = await Promise.all(Array.from({ length: 10 }, () => shop.place(basket(), as)))
    const refused = answers.filter(({ status }) => status === 429)
    assert.deepEqual([answers.length - refused.length, refused[0]?.body.code], [1, 'email_not_proven'])
    await shop.placed(basket(card), as)
    const { id } = answers.find(({ status }) => status === 201)!.body
    await shop.consume(StockReserved, { order_id: id })
    assert.equal((await shop.place(basket(), as)).status, 429, 'confirmed cash is open still')
    assert.equal((await shop.place(basket(), { ...as, emailVerified: true })).status, 201)
  })

  test('who chooses again how to pay keeps the places of his orders', async () => {
    const as = { id: newId() }
    const orders = [await shop.placed(basket(card), as), await shop.placed(basket(card), as)]
    await shop.consume(StockReserved, ...orders.map(({ id }) => ({ order_id: id })))
    const slots = () => shop.service.db`select open_slot from orders where customer_id = ${as.id} order by id`
    const before = await slots()
    for (const { id } of orders) assert.equal((await choose(id, 'stripe', as)).status, 200)
    assert.deepEqual(await slots(), before)
  })

  test('… up to a sum, and neither by choosing cash afterwards', async () => {
    const as = { id: newId(), emailVerified: false }
    const large = { lines: [{ sku: 'TEA', quantity: 4 }] }
    const refused = await shop.place(basket(large), as)
    assert.deepEqual(
      [refused.status, refused.body.errors[0].field, refused.body.errors[0].code],
      [422, 'payment_method', 'email_not_proven'],
    )
    assert.match(refused.body.errors[0].message, /1,000/)
    await shop.placed(basket(large), { id: newId() })

    const awaiting = async (change: object) => {
      const { id } = await shop.placed(basket({ ...card, ...change }), as)
      await shop.consume(StockReserved, { order_id: id })
      return id
    }
    assert.equal((await choose(await awaiting(large), 'cash_on_delivery', as)).body.code, 'email_not_proven')
    const small = [await awaiting({}), await awaiting({}), await awaiting({})]
    const answers = await Promise.all(small.map((id) => choose(id, 'cash_on_delivery', as)))
    assert.deepEqual(answers.map(({ status }) => status).toSorted(), [200, 429, 429])
    const left = small[answers.findIndex(({ status }) => status === 429)]!
    assert.equal((await choose(left, 'cash_on_delivery', { ...as, emailVerified: true })).status, 200)
  })
})
