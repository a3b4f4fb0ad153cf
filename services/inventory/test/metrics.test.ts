import assert from 'node:assert/strict'
import { test } from 'node:test'
import { OrderPlaced } from '@mart/contracts/events/order-events'
import { failNextWrite, readMetric } from '@mart/service-kit/testing-metrics'
import { placed, startInventory, stocked } from './inventory-fixture.ts'

test('an order that is reserved or refused is counted once: not for its repeat, not for a try that was rolled back', async (t) => {
  const inventory = await startInventory()
  t.after(inventory.stop)
  const answered = (outcome: string) => readMetric(inventory, 'stock_reservations_total', { outcome })
  assert.deepEqual([await answered('reserved'), await answered('refused')], [0, 0])
  const [sku] = await stocked(inventory, 2)
  const failure = await failNextWrite(inventory.service.db, 'reservations')
  const orders = [placed([[sku!, 1]]), placed([[sku!, 1]]), placed([[sku!, 1]])]
  await inventory.consume(OrderPlaced, ...orders)
  assert.ok(await failure.hasFailed())
  await inventory.consume(OrderPlaced, ...orders)
  assert.deepEqual([await answered('reserved'), await answered('refused')], [2, 1])
})
