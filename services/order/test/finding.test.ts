import assert from 'node:assert/strict'
import { after, before, describe, test } from 'node:test'
import { StockRefused, StockReserved } from '@mart/contracts/events/inventory-events'
import { UserErased } from '@mart/contracts/events/user-events'
import { newId } from '@mart/service-kit/ids'
import { connectDatabase } from '@mart/service-kit/postgres'
import type { TestPerson } from '@mart/service-kit/testing'
import { endOf, momentOf, wantedBy } from '../src/finding.ts'
import { listOrders } from '../src/order-list-queries.ts'
import { basket, type OrderShop, startOrderShop } from './order-fixture.ts'

describe('orders are found', () => {
  let shop: OrderShop
  const staff: TestPerson = { id: newId(), role: 'staff' }
  const sana: TestPerson = { id: newId(), name: 'Sana Malik', email: 'Sana.Malik@Example.com' }
  const bilal: TestPerson = { id: newId(), name: 'بلال', email: 'bilal@example.com' }
  // biome-ignore lint/suspicious/noExplicitAny: an answer is looked into, not typed twice
  let orders: Record<'rice' | 'tea' | 'card' | 'old', any>

  before(async () => {
    shop = await startOrderShop()
    const tea = { lines: [{ sku: 'TEA', quantity: 1 }] }
    orders = {
      old: await shop.placed(basket({}, { phone: '+12025550100', country: 'PK' }), bilal),
      rice: await shop.placed(basket({}, { name: 'Nida Khan', phone: '(0300) 123 45 67' }), sana),
      tea: await shop.placed(basket(tea, { name: "Ali  O'Hara Khan", phone: '0301 7654321' }), bilal),
      card: await shop.placed(basket({ ...tea, payment_method: 'stripe' }, { phone: '0301 7654321' }), sana),
    }
    await shop.service.db`update orders set placed_at = '2025-02-28T23:59:59.999Z' where id = ${orders.old.id}`
    await shop.service
      .db`update order_words set placed_at = '2025-02-28T23:59:59.999Z' where order_id = ${orders.old.id}`
  })
  after(() => shop.stop())

  const list = async (query: Record<string, string>, as = staff) => {
    const { status, body } = await shop.http('GET', `/orders?${new URLSearchParams(query)}`, { as })
    assert.equal(status, 200, JSON.stringify(body))
    const nameOf = new Map(Object.entries(orders).map(([name, { id }]) => [id, name]))
    return body.items.map(({ id }: { id: string }) => nameOf.get(id) ?? id)
  }
  const refused = async (query: Record<string, string>) =>
    (await shop.http('GET', `/orders?${new URLSearchParams(query)}`, { as: staff })).status

  test('by number, name, e-mail, phone in any writing, and SKU', async () => {
    const digits = orders.rice.number.slice(2)
    for (const q of [orders.rice.number, `m-${digits}`, digits, ` ${digits} `])
      assert.deepEqual(await list({ q }), ['rice'])
    for (const q of ['nida', 'NIDA KHAN', 'khan nida', 'Nida  Malik']) assert.deepEqual(await list({ q }), ['rice'], q)
    assert.deepEqual(await list({ q: 'Khan' }), ['tea', 'rice'])
    assert.deepEqual(await list({ q: "o'hara" }), ['tea'])
    assert.deepEqual(await list({ q: 'بلال' }), ['tea', 'old'])
    assert.deepEqual(await list({ q: 'sana.malik@example.COM' }), ['card', 'rice'])
    for (const q of ['03001234567', '+92 (0)300 1234567', '۰۳۰۰ ۱۲۳۴۵۶۷', '923001234567']) {
      assert.deepEqual(await list({ q }), ['rice'], q)
    }
    assert.deepEqual(await list({ q: '+1 (202) 555-0100' }), ['old'])
    assert.deepEqual(await list({ q: 'tea' }), ['card', 'tea'])
    for (const q of ['nobody', 'khan nobody', 'M-99', '%', "'", '\\', 'a\u200bb', '1'.repeat(200)]) {
      assert.deepEqual(await list({ q }), [], q)
    }
    for (const q of ['', '   ', 'x'.repeat(201)]) assert.equal(await refused({ q }), 400)
  })

  test('all conditions together, page by page', async () => {
    assert.deepEqual(await list({ payment_method: 'stripe' }), ['card'])
    assert.deepEqual(await list({ q: 'tea', payment_method: 'cash_on_delivery' }), ['tea'])
    assert.deepEqual(await list({ q: orders.rice.number, payment_method: 'stripe' }), [])
    assert.deepEqual(await list({ to: '2025-02-28' }), ['old'])
    assert.deepEqual(await list({ to: '2025-02-27' }), [])
    assert.deepEqual(await list({ from: '2025-02-28', to: '2025-02-28', status: 'placed' }), ['old'])
    assert.deepEqual(await list({ from: '2025-03-01T04:59:59.999+05:00', to: '2025-03-01' }), ['old'])
    assert.deepEqual(await list({ from: '2025-03-01', q: 'بلال' }), ['tea'])
    assert.deepEqual(await list({ from: '2025-02-28', status: 'cancelled' }), [])
    assert.equal(await refused({ payment_method: 'barter' }), 400)

    const pages: string[] = []
    let cursor = ''
    do {
      const query = new URLSearchParams({ limit: '1', from: '2025-01-01', ...(cursor ? { cursor } : {}) })
      const { body } = await shop.http('GET', `/orders?${query}`, { as: staff })
      pages.push(...body.items.map(({ number }: { number: string }) => number))
      cursor = body.next_cursor ?? ''
    } while (cursor)
    assert.deepEqual(
      pages,
      [orders.card, orders.tea, orders.rice, orders.old].map(({ number }) => number),
    )
  })

  test('a moment is a date or a date-time of RFC 3339, of the years 1970 to 2999', async () => {
    for (const from of [
      '0000-01-01',
      '1969-12-31',
      '3000-01-01',
      '9999-12-31T23:59:59Z',
      '2026-02-30',
      '2026-13-01',
      'yesterday',
      '2026-01-01T00:00:00',
      '20260101',
      '1',
      '',
    ]) {
      assert.equal(await refused({ from }), 400, from)
      assert.equal(await refused({ to: from }), 400, from)
    }
    for (const from of [
      '1970-01-01',
      '2999-12-31',
      '2999-12-31T23:59:59-14:00',
      '2026-11-29T10:00:00Z',
      '2026-11-29t10:00:00.123456+05:00',
    ]) {
      assert.equal(await refused({ from, to: from }), 200, from)
    }
  })

  test('a customer finds his own and no other', async () => {
    assert.deepEqual(await list({ q: 'khan' }, sana), ['rice'])
    assert.deepEqual(await list({ q: orders.tea.number }, sana), [])
    assert.deepEqual(await list({ q: 'tea', from: '2025-01-01' }, sana), ['card'])
    assert.deepEqual(await list({ q: 'tea', customer: bilal.id! }, staff), ['tea'])
    assert.deepEqual(await list({ q: 'bilal@example.com' }, sana), [])
  })

  test('who is erased is found no more, what he bought is', async () => {
    const gone: TestPerson = { id: newId(), name: 'Forget Me', email: 'gone@example.com' }
    const { id, number } = await shop.placed(basket({}, { name: 'Forgotten One', phone: '0333 1112223' }), gone)
    await shop.consume(StockRefused, { order_id: id, missing: [] })
    assert.deepEqual(await list({ q: 'forgotten' }), [id])
    await shop.consume(UserErased, { user_id: gone.id, erased_at: new Date().toISOString() })
    for (const q of ['forgotten', 'forget', 'gone@example.com', '0333 1112223'])
      assert.deepEqual(await list({ q }), [], q)
    assert.deepEqual(await list({ q: number }), [id])
    assert.ok((await list({ q: 'rice', status: 'cancelled' })).includes(id))
    const words = await shop.service.db`select word from order_words where order_id = ${id}`
    assert.deepEqual(
      [...words].map(({ word }) => word),
      ['rice'],
    )
  })

  test('a number does wherever an id does, and to nobody else', async () => {
    const as: TestPerson = { id: newId() }
    const { id, number } = await shop.placed(basket(), as)
    const path = `/orders/${number}`
    for (const one of [path, path.toLowerCase()]) assert.equal((await shop.http('GET', one, { as })).body.id, id)
    assert.equal((await shop.http('GET', `${path}/history`, { as })).body.items.length, 1)
    for (const more of ['', '/history', '/events']) {
      assert.equal((await shop.http('GET', path + more, { as: sana })).status, 404)
    }
    assert.equal((await shop.http('POST', `${path}/cancel`, { as: sana })).status, 404)
    await shop.consume(StockReserved, { order_id: id })
    const parcel = { carrier: 'TCS', tracking_number: '1' }
    assert.equal((await shop.http('POST', `${path}/shipments`, { as: staff, body: parcel })).body.status, 'shipped')
    assert.equal((await shop.http('POST', `${path}/deliveries`, { as: staff })).body.status, 'delivered')
    for (const no of ['M-', 'M-1x', 'M-9999999999', 'M-9999999999999999', 'X-1']) {
      assert.equal((await shop.http('GET', `/orders/${no}`, { as: staff })).status, 404, no)
    }
  })

  test('the history says who did it: the person to staff, you or the shop to the customer', async () => {
    const as: TestPerson = { id: newId() }
    const cancelled = await shop.placed(basket(), as)
    await shop.http('POST', `/orders/${cancelled.id}/cancel`, { as: staff, body: { reason: 'looks like fraud' } })
    const shipped = await shop.placed(basket(), as)
    await shop.consume(StockReserved, { order_id: shipped.id })
    const admin: TestPerson = { id: newId(), role: 'admin' }
    await shop.http('POST', `/orders/${shipped.id}/shipments`, {
      as: admin,
      body: { carrier: 'TCS', tracking_number: '1' },
    })
    const told = async (id: string, who: TestPerson) =>
      (await shop.http('GET', `/orders/${id}/history`, { as: who })).body.items.map(
        ({ by, reason }: { by: { who: string; id: string | null }; reason?: string }) => [
          by.who,
          by.id,
          reason ?? null,
        ],
      )
    assert.deepEqual(await told(cancelled.id, staff), [
      ['customer', as.id, null],
      ['staff', staff.id, 'looks like fraud'],
    ])
    assert.deepEqual(await told(cancelled.id, as), [
      ['you', as.id, null],
      ['shop', null, null],
    ])
    assert.deepEqual(await told(shipped.id, admin), [
      ['customer', as.id, null],
      ['system', null, null],
      ['admin', admin.id, 'TCS 1'],
    ])
    assert.deepEqual(await told(shipped.id, as), [
      ['you', as.id, null],
      ['system', null, null],
      ['shop', null, 'TCS 1'],
    ])
  })
})

test('what a text may mean', () => {
  assert.deepEqual(wantedBy('100105'), { number: 'M-100105', words: [['100105']] })
  assert.deepEqual(wantedBy(' Nida  KHAN '), { number: null, words: [['nida', 'khan'], ['nida  khan']] })
  assert.deepEqual(wantedBy('0300-1234567').words, [['0300-1234567'], ['+923001234567']])
  assert.equal(wantedBy('a b c d e f g').words[0]?.length, 5)
})

test('a date means all of its day', () => {
  assert.equal(momentOf('2026-11-29')?.toISOString(), '2026-11-29T00:00:00.000Z')
  assert.equal(endOf('2026-11-29')?.toISOString(), '2026-11-30T00:00:00.000Z')
  assert.equal(endOf('2026-11-29T05:00:00+05:00')?.toISOString(), '2026-11-29T00:00:00.000Z')
})

test('a page reads little more than the thousand rows that are looked at of each condition, whichever is the rare one', async (t) => {
  const shop = await startOrderShop()
  const db = connectDatabase(shop.service.config.DATABASE_URL, { max: 1, applicationName: 'test' }) // knows what it has read
  t.after(async () => {
    await db.end()
    await shop.stop()
  })
  await db`
    insert into orders (id, number, status, currency, lines, subtotal, shipping, total, payment_method, contact,
      shipping_address, placed_at, updated_at)
    select uuidv7(), 'M-' || n, case when n <= 5 then 'undelivered' else 'delivered' end, 'PKR',
      jsonb_build_array(jsonb_build_object('sku', case when n % 3000 = 9 then 'RARE' else 'COMMON' end)), 1, 0, 1,
      'cash_on_delivery', '{"name": "Sana", "email": "s@mart.example"}',
      '{"name": "Sana", "phone": "+923001234567"}', now() + n * interval '1 second', now()
    from generate_series(1, 60000) n`
  await db`vacuum analyze orders, order_words`
  const rowsRead = async () => {
    await db`select pg_stat_force_next_flush()`
    const [row] = await db<{ n: number }[]>`
      select sum(seq_tup_read + coalesce(idx_tup_fetch, 0))::int as n from pg_stat_user_tables
      where relname in ('orders', 'order_words')`
    return row!.n
  }
  const methods = ['cash_on_delivery'] as const
  for (const [words, statuses, found] of [
    [['common'], ['undelivered'], 5],
    [['rare'], ['delivered'], 20],
    [['common', 'rare', 'sana'], ['delivered'], 0],
    [['common', 'sana'], ['delivered'], 20],
    [['sana'], ['cancelled'], 0],
  ] as const) {
    const before = await rowsRead()
    const orders = await listOrders(db, { words, statuses, methods, limit: 20 })
    const read = (await rowsRead()) - before
    assert.equal(orders.length, found, `${words} ${statuses}`)
    const looked = 1_000 * (words.length + 1)
    assert.ok(read < looked + 1_000, `${read} rows were read for ${words} ${statuses}`)
  }
})
