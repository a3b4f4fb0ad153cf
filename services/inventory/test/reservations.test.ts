import assert from 'node:assert/strict'
import { after, before, describe, test } from 'node:test'
import {
  StockAvailabilityChanged,
  StockCommitted,
  StockLow,
  StockRefused,
  StockReleased,
  StockReserved,
} from '@mart/contracts/events/inventory-events'
import { OrderCancelled, OrderPlaced, OrderShipped, ordersTopic } from '@mart/contracts/events/order-events'
import { newId } from '@mart/service-kit/ids'
import { recordOf } from '@mart/service-kit/testing'
import {
  assertBooks,
  cancelled,
  type Inventory,
  placed,
  shelf,
  shipped,
  startInventory,
  stocked,
} from './inventory-fixture.ts'

describe('reservations', () => {
  let inventory: Inventory
  before(async () => {
    inventory = await startInventory()
  })
  after(() => inventory.stop())

  const shelfOf = (sku: string) => shelf(inventory.service.db, sku)
  const statesOf = async (orderId: string) =>
    (
      await inventory.service.db<{ state: string }[]>`
        select state from reservations where order_id = ${orderId} order by sku`
    ).map((row) => row.state)
  /** What was said about an order, in order. */
  const storyOf = async (orderId: string) => {
    const events = [StockReserved, StockRefused, StockReleased, StockCommitted]
    const said = await Promise.all(
      events.map(async (event) =>
        (await inventory.published(event)).filter(({ key }) => key === orderId).map(() => event.type),
      ),
    )
    return said.flat()
  }

  test('an order that can be served is reserved and said so', async () => {
    const [tea, rice] = (await stocked(inventory, 10, 10)) as [string, string]
    const order = placed([
      [tea, 2],
      [rice, 3],
    ])
    await inventory.consume(OrderPlaced, order)
    assert.deepEqual(await shelfOf(tea), { on_hand: 10, reserved: 2 })
    assert.deepEqual(await shelfOf(rice), { on_hand: 10, reserved: 3 })
    assert.deepEqual(await statesOf(order.order_id), ['open', 'open'])
    assert.deepEqual(await storyOf(order.order_id), ['stock.reserved'])
    await assertBooks(inventory)
  })

  test('an order that lacks one thing gets nothing, and hears which SKUs are missing', async () => {
    const [tea, rice] = (await stocked(inventory, 10, 1)) as [string, string]
    const order = placed([
      [tea, 2],
      [rice, 2],
      ['NOBODY-SELLS-THIS', 1],
    ])
    await inventory.consume(OrderPlaced, order)
    assert.deepEqual(await shelfOf(tea), { on_hand: 10, reserved: 0 })
    assert.deepEqual(await shelfOf(rice), { on_hand: 1, reserved: 0 })
    assert.deepEqual(await statesOf(order.order_id), [])
    const refused = (await inventory.published(StockRefused)).find(({ key }) => key === order.order_id)
    assert.deepEqual(refused?.data.missing, [
      { sku: rice, requested: 2, available: 1 },
      { sku: 'NOBODY-SELLS-THIS', requested: 1, available: 0 },
    ])
  })

  test('the same event twice, and the same order in other events and batches, reserve once', async () => {
    const [tea] = (await stocked(inventory, 10)) as [string]
    const order = placed([[tea, 2]])
    const record = recordOf(OrderPlaced, order)
    await inventory.consumeRecords(ordersTopic, [record, record])
    await inventory.consumeRecords(ordersTopic, [record])
    await inventory.consume(OrderPlaced, order, order)
    await inventory.consume(OrderPlaced, order)
    assert.deepEqual(await shelfOf(tea), { on_hand: 10, reserved: 2 })
    assert.deepEqual(await storyOf(order.order_id), ['stock.reserved'])
  })

  test('a refused order stays refused when it is placed again with goods there', async () => {
    const [tea] = (await stocked(inventory, 1)) as [string]
    const order = placed([[tea, 2]])
    await inventory.consume(OrderPlaced, order)
    await inventory.consume(OrderPlaced, { ...order, lines: order.lines.map((line) => ({ ...line, quantity: 1 })) })
    assert.deepEqual(await shelfOf(tea), { on_hand: 1, reserved: 0 })
    assert.deepEqual(await storyOf(order.order_id), ['stock.refused'])
  })

  test('lines of the same SKU are reserved as one', async () => {
    const [tea] = (await stocked(inventory, 10)) as [string]
    await inventory.consume(
      OrderPlaced,
      placed([
        [tea, 2],
        [tea, 3],
      ]),
    )
    assert.deepEqual(await shelfOf(tea), { on_hand: 10, reserved: 5 })
  })

  test('a cancelled order gives its goods back, once', async () => {
    const [tea, rice] = (await stocked(inventory, 10, 10)) as [string, string]
    const order = placed([
      [tea, 2],
      [rice, 1],
    ])
    await inventory.consume(OrderPlaced, order, placed([[tea, 4]]))
    await inventory.consume(OrderCancelled, cancelled(order.order_id))
    await inventory.consume(OrderCancelled, cancelled(order.order_id), cancelled(order.order_id))
    assert.deepEqual(await shelfOf(tea), { on_hand: 10, reserved: 4 })
    assert.deepEqual(await statesOf(order.order_id), ['released', 'released'])
    assert.deepEqual(await storyOf(order.order_id), ['stock.reserved', 'stock.released'])
    await inventory.consume(OrderShipped, shipped(order.order_id))
    await inventory.consume(OrderPlaced, order)
    assert.deepEqual(await shelfOf(tea), { on_hand: 10, reserved: 4 })
    assert.deepEqual(await storyOf(order.order_id), ['stock.reserved', 'stock.released'])
    await assertBooks(inventory)
  })

  test('a shipped order takes its goods off the shelf, once, with a movement for each SKU', async () => {
    const [tea, rice] = (await stocked(inventory, 10, 10)) as [string, string]
    const [order, other] = [
      placed([
        [tea, 2],
        [rice, 1],
      ]),
      placed([[tea, 4]]),
    ]
    await inventory.consume(OrderPlaced, order, other)
    await inventory.consume(OrderShipped, shipped(order.order_id), shipped(other.order_id))
    await inventory.consume(OrderShipped, shipped(order.order_id), shipped(order.order_id))
    assert.deepEqual(await shelfOf(tea), { on_hand: 4, reserved: 0 })
    assert.deepEqual(await shelfOf(rice), { on_hand: 9, reserved: 0 })
    assert.deepEqual(await statesOf(order.order_id), ['committed', 'committed'])
    assert.deepEqual(await storyOf(order.order_id), ['stock.reserved', 'stock.committed'])
    const movements = await inventory.service.db<{ delta: number; on_hand_after: number; by: string }[]>`
      select delta, on_hand_after, by from movements where sku = ${tea} and reason = 'sold' order by seq`
    assert.deepEqual(
      movements.map((row) => row.by).toSorted(),
      [order, other].map((one) => `order ${one.order_id}`).toSorted(),
    )
    assert.equal(movements.at(-1)?.on_hand_after, 4)
    await assertBooks(inventory)
  })

  test('a cancellation after the shipment changes nothing', async () => {
    const [tea] = (await stocked(inventory, 10)) as [string]
    const order = placed([[tea, 2]])
    await inventory.consume(OrderPlaced, order)
    await inventory.consume(OrderShipped, shipped(order.order_id))
    await inventory.consume(OrderCancelled, cancelled(order.order_id))
    assert.deepEqual(await shelfOf(tea), { on_hand: 8, reserved: 0 })
    assert.deepEqual(await storyOf(order.order_id), ['stock.reserved', 'stock.committed'])
    await assertBooks(inventory)
  })

  test('a cancellation that overtakes its order keeps it from being reserved', async () => {
    const [tea] = (await stocked(inventory, 10)) as [string]
    const order = placed([[tea, 2]])
    await inventory.consume(OrderCancelled, cancelled(order.order_id))
    await inventory.consume(OrderPlaced, order)
    assert.deepEqual(await shelfOf(tea), { on_hand: 10, reserved: 0 })
    assert.deepEqual(await storyOf(order.order_id), [])
  })

  test('placed, cancelled and another placed in one batch end as one after another', async () => {
    const [tea] = (await stocked(inventory, 2)) as [string]
    const order = placed([[tea, 2]])
    await inventory.consumeRecords(ordersTopic, [
      recordOf(OrderPlaced, order),
      recordOf(OrderCancelled, cancelled(order.order_id)),
    ])
    assert.deepEqual(await shelfOf(tea), { on_hand: 2, reserved: 0 })
    assert.deepEqual(await storyOf(order.order_id), ['stock.reserved', 'stock.released'])
  })

  test('the class of a SKU is said when it changes and how many are left while they are few, not with each order', async () => {
    const [tea] = (await stocked(inventory, 20)) as [string]
    const storyOfTea = async () =>
      (await inventory.published(StockAvailabilityChanged))
        .filter(({ key }) => key === tea)
        .map(({ data }) => [data.availability, data.available])
    const lowOfTea = async () =>
      (await inventory.published(StockLow)).filter(({ key }) => key === tea).map(({ data }) => data)

    assert.deepEqual(await storyOfTea(), [['in_stock', 20]])
    await inventory.consume(OrderPlaced, placed([[tea, 5]]))
    await inventory.consume(OrderPlaced, placed([[tea, 5]]))
    assert.deepEqual(await storyOfTea(), [['in_stock', 20]])
    assert.deepEqual(await lowOfTea(), [])

    const last = placed([[tea, 8]])
    await inventory.consume(OrderPlaced, last)
    await inventory.consume(OrderPlaced, placed([[tea, 1]]))
    assert.deepEqual(await lowOfTea(), [{ sku: tea, available: 2, low_stock_at: 5 }])
    await inventory.consume(OrderPlaced, placed([[tea, 1]]))
    await inventory.consume(OrderPlaced, placed([[tea, 1]]))
    await inventory.consume(OrderCancelled, cancelled(last.order_id))
    const story = [
      ['in_stock', 20],
      ['low', 2],
      ['low', 1],
      ['out', 0],
      ['in_stock', 8],
    ]
    assert.deepEqual(await storyOfTea(), story)
    await inventory.consume(OrderShipped, shipped(newId()))
    assert.deepEqual(await storyOfTea(), story)
    assert.equal((await lowOfTea()).length, 1)
  })
})
