import assert from 'node:assert/strict'
import { after, before, describe, test } from 'node:test'
import { ProductChanged, ProductPublished } from '@mart/contracts/events/product-events'
import { newId } from '@mart/service-kit/ids'
import { inTransaction } from '@mart/service-kit/postgres'
import { eventually, startTestService, type TestPerson, type TestService } from '@mart/service-kit/testing'
import type { Config } from '../src/config.ts'
import { order } from '../src/main.ts'
import { forgetPerson } from '../src/use-cases/forget-person.ts'
import { moveOrders } from '../src/use-cases/move-orders.ts'

const product = (version: number, amount: number) => ({
  product_id: '0199a000-0000-7000-8000-000000000001',
  version,
  slug: 'rice',
  name: 'Rice',
  category_slugs: [],
  image_urls: [],
  variants: [{ sku: 'RICE', name: '', prices: [{ amount, currency: 'PKR' }] }],
})
const basket = {
  lines: [{ sku: 'RICE', quantity: 1 }],
  currency: 'PKR',
  payment_method: 'cash_on_delivery',
  shipping_address: { name: 'Sana', line1: '1 Mall Road', city: 'Lahore', country: 'PK', phone: '+92 300 1234567' },
}

describe('orders that are sent again, and what comes at the same moment', () => {
  let mart: TestService<Config>
  before(async () => {
    mart = await startTestService(order)
    await mart.consume(ProductPublished, product(1, 1000))
  })
  after(() => mart.stop())

  const place = (as: TestPerson, key: string, body: unknown = basket) =>
    mart.http('POST', '/orders', { as, body, headers: { 'idempotency-key': key } })

  test('a key that is older than 24 hours is free, also before housekeeping has dropped it', async () => {
    const as = { id: newId() }
    const first = await place(as, 'day')
    await mart.service.db`update idempotency_keys set answered_at = now() - interval '25 hours' where key = 'day'`
    const second = await place(as, 'day', { ...basket, note: 'another day' })
    assert.equal(second.status, 201, JSON.stringify(second.body))
    assert.notEqual(second.body.id, first.body.id)
    const third = await place(as, 'day', { ...basket, note: 'another day' })
    assert.equal(third.body.id, second.body.id)
  })

  test('an order sent again is answered as the first time, also when its price has changed meanwhile', async () => {
    const as = { id: newId() }
    const body = { ...basket, expected_total: { amount: 26_000, currency: 'PKR' } }
    const first = await place(as, 'again', body)
    await mart.consume(ProductChanged, product(2, 1200))
    await eventually(async () => (await place(as, newId(), body)).status === 409, 'the new price is known')
    const again = await place(as, 'again', body)
    assert.equal(again.status, 201, JSON.stringify(again.body))
    assert.deepEqual(again.body, first.body)
    assert.equal(again.headers.get('idempotency-replayed'), 'true')
    await mart.consume(ProductChanged, product(3, 1000))
  })

  test('a cursor that is none of ours is 400, whatever it carries', async () => {
    const as: TestPerson = { id: newId(), role: 'staff' }
    const cursor = (...values: unknown[]) => Buffer.from(JSON.stringify(values)).toString('base64url')
    for (const path of [
      `/orders?cursor=${cursor('x')}`,
      `/parked?cursor=${cursor(1.5)}`,
      `/parked?cursor=${cursor(1e30)}`,
    ]) {
      assert.equal((await mart.http('GET', path, { as })).status, 400, path)
    }
  })

  test('a person is forgotten also in an order that becomes final at the same moment', async () => {
    const as = { id: newId() }
    const { id } = (await place(as, 'race')).body
    const { db } = mart.service
    let forgetting: Promise<void> | undefined
    await inTransaction(db, async (tx) => {
      await moveOrders(tx, [{ orderId: id, trigger: { name: 'stock_refused', missing: [] }, cause: null }], 1000)
      forgetting = inTransaction(db, (other) => forgetPerson(other, as.id))
      await Promise.race([forgetting, tx`select pg_sleep(0.3)`])
    })
    await forgetting
    assert.equal((await mart.http('GET', `/orders/${id}`, { as })).body.shipping_address.name, '')
  })
})
