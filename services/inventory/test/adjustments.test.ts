import assert from 'node:assert/strict'
import { after, before, describe, test } from 'node:test'
import { StockAvailabilityChanged, StockLow } from '@mart/contracts/events/inventory-events'
import { OrderPlaced } from '@mart/contracts/events/order-events'
import { ProductPublished } from '@mart/contracts/events/product-events'
import { newId } from '@mart/service-kit/ids'
import {
  assertBooks,
  type Inventory,
  placed,
  product,
  shelf,
  staff,
  startInventory,
  stocked,
} from './inventory-fixture.ts'

describe('adjustments', () => {
  let inventory: Inventory
  before(async () => {
    inventory = await startInventory()
  })
  after(() => inventory.stop())

  const adjust = (sku: string, body: unknown, headers: Record<string, string> = {}) =>
    inventory.http('POST', `/stock/${sku}/adjustments`, { as: staff, body, headers })
  const faultsOf = ({ body }: { body: { errors?: { field: string }[] } }) =>
    (body.errors ?? []).map((error) => error.field).toSorted()

  test('what came is on the shelf, with a movement that says who and why', async () => {
    const [tea] = (await stocked(inventory, 10)) as [string]
    const answer = await adjust(tea, { delta: 5, reason: 'returned', note: 'a parcel <b>back</b>' })
    assert.equal(answer.status, 201)
    const { movement, stock } = answer.body
    assert.deepEqual(
      { ...movement, id: 'an id', at: 'a time' },
      {
        id: 'an id',
        sku: tea,
        delta: 5,
        reason: 'returned',
        on_hand_after: 15,
        at: 'a time',
        by: staff.id,
        note: 'a parcel <b>back</b>',
      },
    )
    assert.deepEqual(
      { ...stock, updated_at: 'a time' },
      { sku: tea, on_hand: 15, reserved: 0, available: 15, low_stock_at: 5, updated_at: 'a time' },
    )
    assert.deepEqual((await inventory.http('GET', `/stock/${tea}`, { as: staff })).body, stock)
  })

  test('a count sets what is on hand', async () => {
    const [tea] = (await stocked(inventory, 10)) as [string]
    const answer = await adjust(tea, { counted: 8, reason: 'count' })
    assert.equal(answer.body.movement.delta, -2)
    assert.equal(answer.body.stock.on_hand, 8)
    await assertBooks(inventory)
  })

  test('nothing falls below what is reserved', async () => {
    const [tea] = (await stocked(inventory, 10)) as [string]
    await inventory.consume(OrderPlaced, placed([[tea, 4]]))
    for (const body of [
      { delta: -7, reason: 'damaged' },
      { counted: 3, reason: 'count' },
    ]) {
      const answer = await adjust(tea, body)
      assert.equal(answer.status, 409)
      assert.equal(answer.body.code, 'stock_reserved')
    }
    assert.deepEqual(await shelf(inventory.service.db, tea), { on_hand: 10, reserved: 4 })
    assert.equal((await adjust(tea, { delta: -6, reason: 'damaged' })).body.stock.available, 0)
  })

  test('a SKU that nobody published is unknown', async () => {
    for (const [method, path, body] of [
      ['POST', '/stock/NONE/adjustments', { delta: 1, reason: 'received' }],
      ['PATCH', '/stock/NONE', { low_stock_at: 1 }],
      ['GET', '/stock/NONE', undefined],
      ['GET', '/stock/NONE/movements', undefined],
    ] as const) {
      const answer = await inventory.http(method, path, { as: staff, body })
      assert.equal(answer.status, 404, path)
      assert.equal(answer.body.code, 'unknown_sku')
    }
  })

  test('bad input names its faulty fields and changes nothing', async () => {
    const [tea] = (await stocked(inventory, 10)) as [string]
    const cases: [unknown, string[]][] = [
      [{}, ['reason']],
      [{ reason: 'received' }, ['delta']],
      [{ delta: 0, reason: 'received' }, ['delta']],
      [{ delta: 1.5, reason: 'received' }, ['delta']],
      [{ delta: '5', reason: 'received' }, ['delta']],
      [{ delta: 1_000_001, reason: 'received' }, ['delta']],
      [{ delta: -1_000_001, reason: 'received' }, ['delta']],
      [{ counted: -1, reason: 'count' }, ['counted']],
      [{ counted: 1_000_001, reason: 'count' }, ['counted']],
      [{ delta: 1, counted: 1, reason: 'count' }, ['counted']],
      [{ counted: 1, reason: 'received' }, ['reason']],
      [{ delta: 1, reason: 'sold' }, ['reason']],
      [{ delta: 1, reason: 'received', by: 'me' }, ['by']],
      [{ delta: 1, reason: 'received', note: 'x'.repeat(1_001) }, ['note']],
      [{ delta: 1, reason: 'received', note: 'a\u0000b' }, ['note']],
      [{ delta: 'x', reason: 7, note: 7, more: 1 }, ['delta', 'more', 'note', 'reason']],
      [[], ['body']],
    ]
    for (const [body, fields] of cases) {
      const answer = await adjust(tea, body)
      assert.equal(answer.status, 422, JSON.stringify(body))
      assert.equal(answer.body.code, 'invalid_input')
      assert.deepEqual([...new Set(faultsOf(answer))], fields, JSON.stringify(body))
      assert.equal(answer.body.stack, undefined)
    }
    for (const low_stock_at of [-1, 1.5, '5', 1_000_001, null, undefined]) {
      const answer = await inventory.http('PATCH', `/stock/${tea}`, { as: staff, body: { low_stock_at } })
      assert.equal(answer.status, 422, String(low_stock_at))
      assert.deepEqual(faultsOf(answer), ['low_stock_at'])
    }
    assert.equal((await adjust(tea, '{"delta": 1,')).status, 400)
    assert.equal((await adjust(tea, { delta: 1, reason: 'received', note: 'x'.repeat(2_000_000) })).status, 413)
    assert.deepEqual(await shelf(inventory.service.db, tea), { on_hand: 10, reserved: 0 })
  })

  test('a SKU is found in any case and with whatever a path must encode, and told as its merchant writes it', async () => {
    const sku = `tea/450 g+${newId().slice(0, 8)}`
    await inventory.consume(ProductPublished, product([sku]))
    await inventory.consume(ProductPublished, product([sku.toUpperCase()]))
    const path = `/stock/${encodeURIComponent(sku.toUpperCase())}`
    const body = { delta: 9, reason: 'received' }
    const { status, body: adjusted } = await inventory.http('POST', `${path}/adjustments`, { as: staff, body })
    assert.deepEqual([status, adjusted.stock.sku, adjusted.movement.sku], [201, sku, sku])
    const low = await inventory.http('PATCH', path, { as: staff, body: { low_stock_at: 7 } })
    assert.deepEqual([low.body.sku, low.body.low_stock_at, low.body.on_hand], [sku, 7, 9])
    await inventory.consume(OrderPlaced, placed([[sku, 4]]))
    const read = async (where: string) => (await inventory.http('GET', where, { as: staff })).body
    assert.deepEqual([(await read(path)).sku, (await read(path)).available], [sku, 5])
    assert.equal((await read(`${path}/movements`)).items[0].sku, sku)
    const reservations = await read(`/reservations?sku=${encodeURIComponent(sku.toUpperCase())}`)
    assert.deepEqual(
      reservations.items.map((one: { sku: string }) => one.sku),
      [sku],
    )
  })

  test('faulty paths and queries are refused without a fault of ours', async () => {
    const cursor = (...values: unknown[]) => Buffer.from(JSON.stringify(values)).toString('base64url')
    const [tea] = (await stocked(inventory, 1)) as [string]
    const cases: [string, number][] = [
      ['/stock/%00', 404],
      [`/stock/${'x'.repeat(101)}`, 404],
      ['/stock?below_low=maybe', 400],
      ['/stock?limit=0', 400],
      ['/stock?limit=101', 400],
      ['/stock?cursor=x', 400],
      [`/stock?cursor=${cursor('a\u0000')}`, 400],
      [`/stock/${tea}/movements?cursor=${cursor(1.5)}`, 400],
      [`/stock/${tea}/movements?cursor=${cursor(1e300)}`, 400],
      ['/reservations?order_id=7', 400],
      ['/reservations?sku=%00', 400],
      [`/reservations?cursor=${cursor('7', 'sku')}`, 400],
    ]
    for (const [path, status] of cases) {
      const answer = await inventory.http('GET', path, { as: staff })
      assert.equal(answer.status, status, path)
    }
  })

  test('only staff get in', async () => {
    for (const [method, path] of [
      ['GET', '/stock'],
      ['GET', '/stock/TEA'],
      ['PATCH', '/stock/TEA'],
      ['POST', '/stock/TEA/adjustments'],
      ['GET', '/stock/TEA/movements'],
      ['GET', '/reservations'],
    ] as const) {
      const body = method === 'GET' ? undefined : {}
      assert.equal((await inventory.http(method, path, { body })).status, 401, path)
      const answer = await inventory.http(method, path, { as: { id: newId() }, body })
      assert.equal(answer.status, 403, path)
    }
  })

  test('the same request again with its key moves nothing, another body under it is refused', async () => {
    const [tea] = (await stocked(inventory, 10)) as [string]
    const key = { 'idempotency-key': newId() }
    const body = { delta: 5, reason: 'received' }
    const first = await adjust(tea, body, key)
    const again = await adjust(tea, body, key)
    assert.equal(again.status, 201)
    assert.equal(again.headers.get('idempotency-replayed'), 'true')
    assert.deepEqual(again.body, first.body)
    assert.equal((await adjust(tea, { ...body, delta: 6 }, key)).status, 422)
    assert.deepEqual(await shelf(inventory.service.db, tea), { on_hand: 15, reserved: 0 })
  })

  test('a class is said at the first stock and when an adjustment or a new threshold changes it', async () => {
    const [tea] = (await stocked(inventory, 0)) as [string]
    const story = async () =>
      (await inventory.published(StockAvailabilityChanged))
        .filter(({ key }) => key === tea)
        .map(({ data }) => `${data.availability} ${data.available}`)
    assert.deepEqual(await story(), [])
    await adjust(tea, { delta: 20, reason: 'received' })
    await adjust(tea, { delta: 1, reason: 'received' })
    const patched = await inventory.http('PATCH', `/stock/${tea}`, { as: staff, body: { low_stock_at: 30 } })
    assert.equal(patched.body.low_stock_at, 30)
    await adjust(tea, { delta: -1, reason: 'damaged' })
    await inventory.http('PATCH', `/stock/${tea}`, { as: staff, body: { low_stock_at: 2 } })
    await adjust(tea, { counted: 0, reason: 'count' })
    assert.deepEqual(await story(), ['in_stock 20', 'low 21', 'low 20', 'in_stock 20', 'out 0'])
    const low = (await inventory.published(StockLow)).filter(({ key }) => key === tea).map(({ data }) => data)
    assert.deepEqual(low, [
      { sku: tea, available: 21, low_stock_at: 30 },
      { sku: tea, available: 0, low_stock_at: 2 },
    ])
  })

  test('movements can only be added', async () => {
    await stocked(inventory, 10)
    const { db } = inventory.service
    await assert.rejects(db`update movements set delta = 1`.execute(), /append-only/)
    await assert.rejects(db`delete from movements`.execute(), /append-only/)
    await assert.rejects(db`truncate movements`.execute(), /append-only/)
  })
})
