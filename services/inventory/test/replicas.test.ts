import assert from 'node:assert/strict'
import { after, before, describe, test } from 'node:test'
import { setTimeout as sleep } from 'node:timers/promises'
import { StockAvailabilityChanged } from '@mart/contracts/events/inventory-events'
import { inTransaction } from '@mart/service-kit/postgres'
import { eventually, type Replica } from '@mart/service-kit/testing'
import { assertBooks, type Inventory, shelf, staff, startInventory, stocked } from './inventory-fixture.ts'

describe('two replicas of the inventory service', () => {
  let mart: Inventory
  let other: Replica
  before(async () => {
    mart = await startInventory()
    other = await mart.startReplica()
  })
  after(() => mart.stop())

  const onePiece = { delta: 1, reason: 'received' }
  const adjustAtBoth = (sku: string, count: number, headersOf: (n: number) => Record<string, string>) =>
    Promise.all(
      Array.from({ length: count }, (_, n) =>
        [mart, other][n % 2]!.http('POST', `/stock/${sku}/adjustments`, {
          as: staff,
          headers: headersOf(n),
          body: onePiece,
        }),
      ),
    )

  test('adjust a shelf at the same moment, each piece counted', async () => {
    const [sku] = await stocked(mart, 0)
    const answers = await adjustAtBoth(sku!, 40, () => ({}))
    assert.ok(answers.every(({ status }) => status === 201))
    assert.equal((await shelf(mart.service.db, sku!)).on_hand, 40)
    await assertBooks(mart)
  })

  test('do once what is asked of both with one Idempotency-Key', async () => {
    const [sku] = await stocked(mart, 0)
    const answers = await adjustAtBoth(sku!, 20, () => ({ 'idempotency-key': 'one' }))
    const statuses = new Set(answers.map(({ status }) => status))
    assert.ok(statuses.has(201))
    assert.ok([...statuses].every((status) => status === 201 || status === 409))
    for (const { http } of [mart, other]) {
      const again = await http('POST', `/stock/${sku}/adjustments`, {
        as: staff,
        headers: { 'idempotency-key': 'one' },
        body: onePiece,
      })
      assert.equal(again.headers.get('idempotency-replayed'), 'true')
    }
    assert.equal((await shelf(mart.service.db, sku!)).on_hand, 1)
  })

  test('say once a day what is there, not each of them', async () => {
    const skus = await stocked(mart, ...Array(30).fill(5))
    const { db } = mart.service
    await db`update stock set availability_said_at = now() - interval '25 hours' where sku = any(${skus}::text[])`
    // Each looks when it starts: two while the rows are in use, which they pass over, and one when they are free.
    await inTransaction(db, async (tx) => {
      await tx`select from stock where sku = any(${skus}::text[]) for update`
      await Promise.all([mart.startReplica(), mart.startReplica()])
      await sleep(1_000)
    })
    await mart.startReplica()
    const isSaid = async () =>
      (await db`select from stock where availability_said_at < now() - interval '1 day'`).length === 0
    await eventually(isSaid, 'all is said again')
    const said = (await mart.published(StockAvailabilityChanged)).map(({ key }) => key)
    for (const sku of skus) assert.equal(said.filter((key) => key === sku).length, 2, 'when it came, and a day later')
  })
})
