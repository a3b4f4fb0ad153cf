import assert from 'node:assert/strict'
import { after, before, describe, test } from 'node:test'
import type { DataOf } from '@mart/contracts/events/define-event'
import { StockAvailabilityChanged } from '@mart/contracts/events/inventory-events'
import { OrderPlaced, OrderShipped, ordersTopic, ReturnReceived } from '@mart/contracts/events/order-events'
import { newId } from '@mart/service-kit/ids'
import { recordOf } from '@mart/service-kit/testing'
import { assertBooks, type Inventory, placed, shelf, shipped, startInventory, stocked } from './inventory-fixture.ts'

type Received = DataOf<typeof ReturnReceived>

describe('goods that come back', () => {
  let inventory: Inventory
  before(async () => {
    inventory = await startInventory()
  })
  after(() => inventory.stop())

  const back = (order_id: string, ...received: Received['received']): Received => {
    const { carrier, tracking_number, shipped_at, ...order } = shipped(order_id)
    const lines = received.map(({ sku, quantity }) => ({ sku, name: sku, quantity, reason: 'other' as const }))
    return { ...order, return_id: newId(), lines, received, refund: order.total, received_at: shipped_at }
  }
  const shippedOrder = async (sku: string, quantity: number): Promise<string> => {
    const order = placed([[sku, quantity]])
    await inventory.consume(OrderPlaced, order)
    await inventory.consume(OrderShipped, shipped(order.order_id))
    return order.order_id
  }
  const movementsBy = async (return_id: string) =>
    (
      await inventory.service.db<{ delta: number; reason: string; on_hand_after: number }[]>`
        select delta, reason, on_hand_after from movements where by = ${`return ${return_id}`} order by seq`
    ).map(({ delta, reason, on_hand_after }) => [delta, reason, on_hand_after])

  test('are stock again where they can be sold; what is damaged comes and goes', async () => {
    const [tea] = (await stocked(inventory, 10)) as [string]
    const order = await shippedOrder(tea, 5)
    const received: Received['received'] = [
      { sku: tea, quantity: 1, condition: 'damaged' },
      { sku: tea, quantity: 2, condition: 'sellable' },
      { sku: tea, quantity: 1, condition: 'damaged' },
    ]
    const event = back(order, ...received)
    await inventory.consume(ReturnReceived, event)
    assert.deepEqual(await shelf(inventory.service.db, tea), { on_hand: 7, reserved: 0 })
    assert.deepEqual(await movementsBy(event.return_id), [
      [1, 'returned', 6],
      [-1, 'damaged', 5],
      [2, 'returned', 7],
      [1, 'returned', 8],
      [-1, 'damaged', 7],
    ])
    await assertBooks(inventory)
  })

  test('come once, however often it is told, and beside others of the same goods', async () => {
    const [tea] = (await stocked(inventory, 10)) as [string]
    const order = await shippedOrder(tea, 5)
    const sellable = (quantity: number) => back(order, { sku: tea, quantity, condition: 'sellable' })
    const [one, other] = [sellable(1), sellable(2)]
    const record = recordOf(ReturnReceived, one)
    await inventory.consumeRecords(ordersTopic, [record, record, recordOf(ReturnReceived, one)])
    await inventory.consume(ReturnReceived, one, other, one)
    assert.deepEqual(await shelf(inventory.service.db, tea), { on_hand: 8, reserved: 0 })
    assert.deepEqual(await movementsBy(one.return_id), [[1, 'returned', 6]])
    await assertBooks(inventory)
  })

  test('are told to who waits for them', async () => {
    const [tea] = (await stocked(inventory, 1)) as [string]
    const order = await shippedOrder(tea, 1)
    await inventory.consume(ReturnReceived, back(order, { sku: tea, quantity: 1, condition: 'sellable' }))
    const told = (await inventory.published(StockAvailabilityChanged)).filter(({ key }) => key === tea)
    assert.deepEqual(
      told.map(({ data }) => data.availability),
      ['low', 'out', 'low'],
    )
  })
})
