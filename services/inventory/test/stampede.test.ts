import assert from 'node:assert/strict'
import { after, before, describe, test } from 'node:test'
import { StockRefused, StockReserved } from '@mart/contracts/events/inventory-events'
import { OrderPlaced } from '@mart/contracts/events/order-events'
import { inTransaction } from '@mart/service-kit/postgres'
import { commitStock } from '../src/use-cases/commit-stock.ts'
import { releaseStock } from '../src/use-cases/release-stock.ts'
import { reserveStock } from '../src/use-cases/reserve-stock.ts'
import { assertBooks, type Inventory, placed, shelf, staff, startInventory, stocked } from './inventory-fixture.ts'

describe('a stampede', () => {
  let inventory: Inventory
  before(async () => {
    inventory = await startInventory()
  })
  after(() => inventory.stop())

  /** In batches of ten, all at once: as when several members believe that they hold the group. */
  const allAtOnce = async <Item>(items: readonly Item[], work: (batch: Item[]) => Promise<unknown>) => {
    const batches = Array.from({ length: Math.ceil(items.length / 10) }, (_, n) => items.slice(n * 10, n * 10 + 10))
    await Promise.all(batches.map(work))
  }
  const reserveTogether = (orders: ReturnType<typeof placed>[]) =>
    inTransaction(inventory.service.db, (tx) => reserveStock(tx, orders))
  const idsOf = (orders: readonly { order_id: string }[]) => orders.map((order) => order.order_id)
  const outcome = async (orderIds: readonly string[]) => {
    const [reserved, refused] = await Promise.all([
      inventory.published(StockReserved),
      inventory.published(StockRefused),
    ])
    const count = (said: { key: string }[]) => said.filter(({ key }) => orderIds.includes(key)).length
    return { reserved: count(reserved), refused: count(refused) }
  }

  test('of 200 orders for 50 units, heard batch by batch, exactly 50 are reserved and 150 are told no', async () => {
    const [last] = (await stocked(inventory, 50)) as [string]
    const orders = Array.from({ length: 200 }, () => placed([[last, 1]]))
    for (let n = 0; n < 200; n += 40) await inventory.consume(OrderPlaced, ...orders.slice(n, n + 40))
    assert.deepEqual(await outcome(idsOf(orders)), { reserved: 50, refused: 150 })
    assert.deepEqual(await shelf(inventory.service.db, last), { on_hand: 50, reserved: 50 })
    await assertBooks(inventory)
  })

  test('of 200 orders for 50 units in 20 batches at the same moment, exactly 50 are reserved', async () => {
    const [last] = (await stocked(inventory, 50)) as [string]
    const orders = Array.from({ length: 200 }, () => placed([[last, 1]]))
    await allAtOnce(orders, reserveTogether)
    assert.deepEqual(await outcome(idsOf(orders)), { reserved: 50, refused: 150 })
    assert.deepEqual(await shelf(inventory.service.db, last), { on_hand: 50, reserved: 50 })
    await assertBooks(inventory)
  })

  test('the same orders in several batches at the same moment are reserved once', async () => {
    const [tea] = (await stocked(inventory, 500)) as [string]
    const orders = Array.from({ length: 30 }, () => placed([[tea, 2]]))
    await Promise.all([orders, orders.toReversed(), orders.toSorted()].map(reserveTogether))
    assert.deepEqual(await outcome(idsOf(orders)), { reserved: 30, refused: 0 })
    assert.deepEqual(await shelf(inventory.service.db, tea), { on_hand: 500, reserved: 60 })
    await assertBooks(inventory)
  })

  test('a release and a shipment of the same orders at the same moment: one of them, for each order', async () => {
    const [tea] = (await stocked(inventory, 500)) as [string]
    const orders = Array.from({ length: 30 }, () => placed([[tea, 2]]))
    await reserveTogether(orders)
    const ids = idsOf(orders)
    const { db } = inventory.service
    await Promise.all([
      inTransaction(db, (tx) => releaseStock(tx, ids.slice(0, 20))),
      inTransaction(db, (tx) => commitStock(tx, ids.slice(10).toReversed())),
      inTransaction(db, (tx) => releaseStock(tx, ids.slice(5, 25))),
    ])
    assert.equal((await shelf(db, tea)).reserved, 0)
    await assertBooks(inventory)
  })

  test('shipments, releases and new orders at the same moment keep movements, classes and what is said in line', async () => {
    const skus = await stocked(inventory, 40, 40, 40)
    const first = Array.from({ length: 60 }, (_, n) => placed([[skus[n % 3]!, 2]]))
    await reserveTogether(first)
    const { db } = inventory.service
    const second = Array.from({ length: 60 }, (_, n) => placed([[skus[n % 3]!, 1]]))
    await Promise.all([
      allAtOnce(second, reserveTogether),
      allAtOnce(idsOf(first), (ids) =>
        inTransaction(db, async (tx) => {
          await releaseStock(tx, ids.slice(0, 5))
          await commitStock(tx, ids.slice(5))
        }),
      ),
    ])
    await assertBooks(inventory)
  })

  test('orders over many SKUs and adjustments at the same moment break neither the checks nor the books', async () => {
    const skus = await stocked(inventory, 30, 30, 30, 30, 30)
    const orders = Array.from({ length: 120 }, (_, n) =>
      placed([
        [skus[n % 5]!, 1 + (n % 3)],
        [skus[(n * 3 + 1) % 5]!, 1],
      ]),
    )
    const adjust = async (_: unknown, n: number) => {
      const body = { delta: n % 2 === 0 ? -4 : 3, reason: 'correction' }
      const answer = await inventory.http('POST', `/stock/${skus[n % 5]}/adjustments`, { as: staff, body })
      assert.ok(answer.status === 201 || answer.body.code === 'stock_reserved', JSON.stringify(answer.body))
    }
    await Promise.all([allAtOnce(orders, reserveTogether), ...Array.from({ length: 60 }).map(adjust)])
    const { reserved, refused } = await outcome(idsOf(orders))
    assert.equal(reserved + refused, 120)
    assert.ok(refused > 0)
    await assertBooks(inventory)
  })
})
