import assert from 'node:assert/strict'
import { after, before, describe, test } from 'node:test'
import { StockAvailabilityChanged } from '@mart/contracts/events/inventory-events'
import { OrderCancelled, OrderPlaced } from '@mart/contracts/events/order-events'
import { ProductChanged, ProductPublished } from '@mart/contracts/events/product-events'
import { newId } from '@mart/service-kit/ids'
import { inTransaction } from '@mart/service-kit/postgres'
import { repeatAvailability } from '../src/use-cases/repeat-availability.ts'
import { cancelled, type Inventory, placed, product, staff, startInventory, stocked } from './inventory-fixture.ts'

describe('listings and SKUs', () => {
  let inventory: Inventory
  before(async () => {
    inventory = await startInventory()
  })
  after(() => inventory.stop())

  /** All items of a listing, read page by page. */
  const all = async (path: string) => {
    const items = []
    for (let cursor = ''; ; ) {
      const { status, body } = await inventory.http('GET', `${path}limit=2${cursor}`, { as: staff })
      assert.equal(status, 200)
      items.push(...body.items)
      if (!body.next_cursor) return items
      assert.equal(body.items.length, 2)
      cursor = `&cursor=${body.next_cursor}`
    }
  }

  test('stock is listed by SKU, and what is low or out alone when asked', async () => {
    const skus = await stocked(inventory, 50, 3, 0, 6, 5)
    const wanted = new Set(skus)
    const listed = async (path: string) =>
      (await all(path)).map((item) => item.sku).filter((sku: string) => wanted.has(sku))
    assert.deepEqual(await listed('/stock?'), skus)
    assert.deepEqual(await listed('/stock?below_low=true&'), [skus[1], skus[2], skus[4]])
    await inventory.consume(OrderPlaced, placed([[skus[0]!, 45]]))
    assert.deepEqual(await listed('/stock?below_low=true&'), [skus[0], skus[1], skus[2], skus[4]])
  })

  test('movements come newest first', async () => {
    const [tea] = (await stocked(inventory, 10)) as [string]
    for (const delta of [1, 2, 3, 4]) {
      await inventory.http('POST', `/stock/${tea}/adjustments`, { as: staff, body: { delta, reason: 'received' } })
    }
    const movements = await all(`/stock/${tea}/movements?`)
    assert.deepEqual(
      movements.map((movement) => [movement.delta, movement.on_hand_after]),
      [
        [4, 20],
        [3, 16],
        [2, 13],
        [1, 11],
        [10, 10],
      ],
    )
    assert.equal(movements[0].seq, undefined)
  })

  test('reservations are found by SKU and by order, the newest order first', async () => {
    const [tea, rice] = (await stocked(inventory, 100, 100)) as [string, string]
    const orders = Array.from({ length: 5 }, () =>
      placed([
        [tea, 1],
        [rice, 2],
      ]),
    )
    await inventory.consume(OrderPlaced, ...orders)
    await inventory.consume(OrderCancelled, cancelled(orders[0]!.order_id))
    const ids = orders.map((order) => order.order_id).reverse()
    assert.deepEqual(
      (await all(`/reservations?sku=${tea}&`)).map((item) => item.order_id),
      ids,
    )
    const [first, second] = await all(`/reservations?order_id=${orders[0]!.order_id}&`)
    assert.deepEqual([first.sku, second.sku].toSorted(), [tea, rice].toSorted())
    assert.equal(first.state, 'released')
    assert.ok(first.reserved_at && first.closed_at)
    const both = await all('/reservations?')
    assert.deepEqual([...new Set(both.map((item) => item.order_id))].slice(0, 5), ids)
  })

  test('SKUs become known by published and changed products, once, and an older version is passed over', async () => {
    const [first, second, third] = [`A-${newId()}`, `B-${newId()}`, `C-${newId()}`] as [string, string, string]
    const product_id = newId()
    const known = async () =>
      (
        await inventory.service.db<{ sku: string }[]>`
          select sku from stock where sku = any(${[first, second, third]}) order by sku`
      ).map((row) => row.sku)
    await inventory.consume(ProductPublished, product([first], { product_id, version: 2 }))
    const stock = (await inventory.http('GET', `/stock/${first}`, { as: staff })).body
    assert.deepEqual([stock.on_hand, stock.reserved, stock.low_stock_at], [0, 0, 5])
    await inventory.http('POST', `/stock/${first}/adjustments`, { as: staff, body: { delta: 7, reason: 'received' } })

    await inventory.consume(ProductChanged, product([first, second], { product_id, version: 3 }))
    await inventory.consume(ProductChanged, product([third], { product_id, version: 3 }))
    await inventory.consume(ProductChanged, product([third], { product_id, version: 1 }))
    assert.deepEqual(await known(), [first, second])
    assert.equal((await inventory.http('GET', `/stock/${first}`, { as: staff })).body.on_hand, 7)
    await inventory.consume(
      ProductChanged,
      product([first, third], { product_id, version: 5 }),
      product([second], { product_id, version: 4 }),
      product([first, first]),
    )
    assert.deepEqual(await known(), [first, second, third])
  })

  test('a day after the class of a SKU was last said, it is said again, in chunks', async () => {
    const skus = await stocked(inventory, 10, 3, 0)
    const { db } = inventory.service
    const story = async () =>
      (await inventory.published(StockAvailabilityChanged))
        .filter(({ key }) => skus.includes(key))
        .map(({ key, data }) => `${skus.indexOf(key)} ${data.availability} ${data.available}`)
        .toSorted()
    const repeat = () => inTransaction(db, (tx) => repeatAvailability(tx, 2))
    assert.deepEqual(await story(), ['0 in_stock 10', '1 low 3'])
    assert.equal(await repeat(), 0)
    await db`update stock set availability_said_at = now() - interval '25 hours' where sku = any(${skus})`
    assert.deepEqual([await repeat(), await repeat(), await repeat()], [2, 1, 0])
    assert.deepEqual(await story(), ['0 in_stock 10', '0 in_stock 10', '1 low 3', '1 low 3', '2 out 0'])
  })
})
