import assert from 'node:assert/strict'
import { after, before, describe, test } from 'node:test'
import { setTimeout as sleep } from 'node:timers/promises'
import { StockReserved } from '@mart/contracts/events/inventory-events'
import { OrderCancelRequested, OrderPlaced } from '@mart/contracts/events/order-events'
import { ProductChanged } from '@mart/contracts/events/product-events'
import { UserErased } from '@mart/contracts/events/user-events'
import { newId } from '@mart/service-kit/ids'
import { inTransaction } from '@mart/service-kit/postgres'
import { eventually, type HttpCall, type Replica } from '@mart/service-kit/testing'
import { basket, type OrderShop, startOrderShop } from './order-fixture.ts'

describe('two replicas of the order service', () => {
  let shop: OrderShop
  let other: Replica
  before(async () => {
    shop = await startOrderShop({ MART_RATE_LIMITS: 'on', MAX_OPEN_ORDERS: '20' })
    other = await shop.startReplica()
  })
  after(() => shop.stop())

  /** Places orders at both at the same moment, half of them at each. */
  const placeAtBoth = (count: number, callOf: (n: number) => HttpCall) =>
    Promise.all(Array.from({ length: count }, (_, n) => [shop, other][n % 2]!.http('POST', '/orders', callOf(n))))
  const buyers = async (count: number) =>
    Promise.all(
      Array.from({ length: count }, async () => {
        const id = newId()
        return { id, headers: { authorization: `Bearer ${await shop.tokenFor({ id })}` } }
      }),
    )
  const ordersOf = (id: string) => shop.service.db`select * from orders where customer_id = ${id} order by id`

  test('make one order of one Idempotency-Key that comes to both at the same moment', async () => {
    for (const { id, headers } of await buyers(20)) {
      const answers = await placeAtBoth(2, () => ({
        headers: { ...headers, 'idempotency-key': 'one' },
        body: basket(),
      }))
      assert.deepEqual(
        answers.map(({ status }) => status),
        [201, 201],
      )
      assert.equal(answers[0]!.body.id, answers[1]!.body.id)
      assert.equal((await ordersOf(id)).length, 1)
      const another = { headers: { ...headers, 'idempotency-key': 'one' }, body: basket({ note: 'another' }) }
      assert.deepEqual(
        (await placeAtBoth(2, () => another)).map(({ status }) => status),
        [422, 422],
      )
    }
  })

  test('take no more open orders of one customer than one does, also when both have the last one before them', async () => {
    const many = await buyers(10)
    const place = (count: number, buyerOf: (n: number) => number) =>
      placeAtBoth(count, (n) => ({ headers: many[buyerOf(n)]!.headers, body: basket() }))
    const first = await place(190, (n) => n % 10)
    assert.ok(first.every(({ status }) => status === 201))
    // Each writes while the other does, as seldom happens by itself.
    const { db } = shop.service
    await db`
      create function write_slowly() returns trigger language plpgsql as $$ begin perform pg_sleep(0.3); return null; end $$`
    await db`create trigger slowly before insert on orders for each statement execute function write_slowly()`
    const last = await place(20, (n) => Math.floor(n / 2))
    await db`drop function write_slowly cascade`
    const statuses = last.map(({ status }) => status).toSorted()
    assert.deepEqual(statuses, [...Array(10).fill(201), ...Array(10).fill(429)])
    for (const { id } of many) assert.equal((await ordersOf(id)).length, 20)
  })

  test('keep one cart of a customer, with every line that either was told of', async () => {
    const skus = ['RICE', 'TEA', 'SAMPLE']
    for (const { headers } of await buyers(10)) {
      const made = await Promise.all(
        [shop, other].map(({ http }) => http('POST', '/carts', { headers, body: { currency: 'PKR' } })),
      )
      assert.equal(new Set(made.map(({ body }) => body.id)).size, 1)
      const put = (sku: string, n: number) =>
        [shop, other][n % 2]!.http('PUT', `/carts/mine/lines/${sku}`, { headers, body: { quantity: 2 } })
      await Promise.all(skus.map(put))
      const { body } = await other.http('GET', '/carts/mine', { headers })
      assert.deepEqual(body.lines.map(({ sku }: { sku: string }) => sku).toSorted(), skus.toSorted())
    }
  })

  test('number their orders apart, and say each once', async () => {
    const many = await buyers(15)
    const answers = await placeAtBoth(240, (n) => ({ headers: many[n % 15]!.headers, body: basket() }))
    assert.ok(answers.every(({ status }) => status === 201))
    const orders = answers.map(({ body }) => body as { id: string; number: string })
    assert.equal(new Set(orders.map(({ number }) => number)).size, 240)
    const said = (await shop.published(OrderPlaced)).map(({ key }) => key)
    for (const { id } of orders) assert.equal(said.filter((key) => key === id).length, 1)
  })

  test('both sell at a new price, whichever has heard of it, and no more at the old one', async () => {
    const product_id = newId()
    const price = (version: number, amount: number) => ({
      ...{ product_id, version, slug: 'oil', name: 'Oil', category_slugs: [], image_urls: [] },
      variants: [{ sku: 'OIL', name: '', prices: [{ amount, currency: 'PKR' }] }],
    })
    const subtotals = async () => {
      const [buyer] = await buyers(1)
      const body = basket({ lines: [{ sku: 'OIL', quantity: 1 }] })
      return (await placeAtBoth(4, () => ({ headers: buyer!.headers, body }))).map(({ body }) => body.subtotal?.amount)
    }
    for (let version = 1; version <= 5; version += 1) {
      await shop.consume(ProductChanged, price(version, version * 100))
      const isNew = async () => (await subtotals()).every((amount) => amount === version * 100)
      await eventually(isNew, `the price ${version} is known to both`)
      assert.ok(await isNew())
    }
  })

  test('a stream at the one shows what the other has heard, and goes on there after the last event that was seen', async () => {
    const [buyer] = await buyers(1)
    const { id } = await shop.placed(basket({ payment_method: 'stripe' }), buyer)
    const stream = async (at: string, more = {}) => {
      const response = await fetch(`${at}/orders/${id}/events`, { headers: { ...buyer!.headers, ...more } })
      let seen = ''
      const reading = (async () => {
        for await (const chunk of response.body!.pipeThrough(new TextDecoderStream())) seen += chunk
      })()
      reading.catch(() => undefined)
      const ids = () => [...seen.matchAll(/^id: (\d+)$/gm)].map(([, n]) => Number(n))
      return { ids, ended: reading }
    }
    const first = await stream(other.url)
    await shop.consume(StockReserved, { order_id: id })
    await eventually(async () => first.ids().length === 2, 'the order’s move is seen at the other replica')
    const again = await stream(shop.service.url, { 'last-event-id': '2' })
    const cancelled = await other.http('POST', `/orders/${id}/cancel`, { headers: buyer!.headers, body: {} })
    assert.ok(cancelled.status < 300, JSON.stringify(cancelled.body))
    await eventually(async () => again.ids().length > 0, 'the next move is seen')
    assert.deepEqual([first.ids().slice(0, 2), again.ids()], [[1, 2], [3]])
  })

  test('who is erased at the one orders nothing at the other, and his token is refused', async () => {
    const as = { id: newId(), issuedAt: Date.now() / 1000 }
    const place = (issuedAt: number) => other.http('POST', '/orders', { as: { ...as, issuedAt }, body: basket() })
    assert.equal((await place(as.issuedAt)).status, 201)
    await shop.consume(UserErased, { user_id: as.id, erased_at: new Date(Date.now() + 1).toISOString() })
    await eventually(async () => (await place(as.issuedAt)).status === 401, 'the token is refused')
    assert.equal((await place(as.issuedAt + 5)).body.code, 'account_erased')
  })

  test('ask once for the cancellation of an order whose time to pay is over', async () => {
    const many = await buyers(30)
    const orders = await placeAtBoth(150, (n) => ({
      headers: many[n % 30]!.headers,
      body: basket({ payment_method: 'stripe' }),
    }))
    const ids = orders.map(({ body }) => body.id as string)
    await shop.consume(StockReserved, ...ids.map((order_id) => ({ order_id })))
    const { db } = shop.service
    await db`update orders set payment_due_at = now() + interval '1 second' where id = any(${ids}::uuid[])`
    // Both clocks meet rows that are in use, at the same moment.
    await inTransaction(db, async (tx) => {
      await tx`select from orders where id = any(${ids}::uuid[]) for update`
      await sleep(3_000)
    })
    const left = () => db`select from orders where status = 'awaiting_payment' and id = any(${ids}::uuid[])`
    await eventually(async () => (await left()).length === 0, 'both clocks have looked')
    const due = await db`select from order_history where what = 'due' and order_id = any(${ids}::uuid[])`
    assert.equal(due.length, 150)
    const said = (await shop.published(OrderCancelRequested)).filter(({ key }) => ids.includes(key))
    assert.equal(said.length, 150)
  })

  test('count together how often a caller asks', async () => {
    const { db } = shop.service
    const ask = async () => {
      const both = [shop, other, shop, other]
      return (await Promise.all(both.map(({ http }) => http('GET', '/orders')))).map(({ status }) => status)
    }
    // Far fewer than would be too many for one of them.
    await eventually(async () => {
      for (let n = 0; n < 6; n += 1) await ask()
      await db`update request_counts set count = 100000`
      await sleep(1_500)
      return (await ask()).every((status) => status === 429)
    }, 'both refuse him')
  })
})
