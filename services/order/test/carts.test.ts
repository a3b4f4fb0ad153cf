import assert from 'node:assert/strict'
import { after, before, describe, test } from 'node:test'
import { UserErased } from '@mart/contracts/events/user-events'
import { newId } from '@mart/service-kit/ids'
import { inTransaction } from '@mart/service-kit/postgres'
import type { Answer } from '@mart/service-kit/testing'
import { dropUnused } from '../src/carts/use-cases.ts'
import { hashOf, newSecret } from '../src/secrets.ts'
import { type CartShop, startCartShop } from './cart-fixture.ts'

describe('carts', () => {
  let shop: CartShop
  before(async () => {
    shop = await startCartShop()
  })
  after(() => shop.stop())

  const faultsOf = ({ status, body }: Answer) => [
    status,
    ...(body.errors ?? []).map(({ field, code }: { field: string; code: string }) => `${field} ${code}`),
  ]
  const linesOf = (cart: Answer['body']) =>
    cart.lines.map(({ sku, quantity }: { sku: string; quantity: number }) => [sku, quantity])

  test('an anonymous cart is reached by the id that was told once, of which the database has the hash alone', async () => {
    const made = await shop.http('POST', '/carts', { body: { currency: 'PKR' } })
    assert.equal(made.status, 201)
    const { id } = made.body
    assert.match(id, /^[A-Za-z0-9_-]{43}$/)
    const { sku } = await shop.sell()
    const { status, body } = await shop.put(id, sku, 2)
    assert.deepEqual([status, body.id, linesOf(body)], [200, id, [[sku, 2]]])
    assert.deepEqual(await shop.look(id), body)
    const rows = await shop.service.db`select c::text as row from carts c where secret_hash = ${hashOf(id)}`
    assert.equal(rows.length, 1)
    assert.ok(!rows[0]!['row'].includes(id))
    const wrong = (id[0] === 'A' ? 'B' : 'A') + id.slice(1)
    for (const path of [wrong, id.slice(1), newId(), 'x'])
      assert.equal((await shop.http('GET', `/carts/${path}`)).status, 404)
    assert.equal((await shop.put(wrong, sku, 1)).status, 404)
  })

  test('a line has what a page shows, and the sums are those of an order', async () => {
    const [tea, rice] = [await shop.sell({ amount: 89_900, max_quantity: 7 }), await shop.sell({ amount: 5_000 })]
    const id = await shop.cart()
    await shop.put(id, tea.sku, 2)
    const { body } = await shop.put(id, rice.sku.toLowerCase(), 1)
    const { changes, ...line } = body.lines[0]
    const pkr = (amount: number) => ({ amount, currency: 'PKR' })
    assert.deepEqual(line, {
      ...{
        sku: tea.sku,
        name: 'Tea',
        name_language: 'en',
        variant_name: '450 g',
        variant_name_language: 'en',
        product_id: tea.id,
        product_slug: tea.sku.slice(0, -2).toLowerCase().replace('/', '-'),
      },
      ...{
        image_url: 'https://shop.example/tea.webp',
        quantity: 2,
        unit_price: pkr(89_900),
        total: pkr(179_800),
        max_quantity: 7,
      },
    })
    assert.deepEqual([changes, body.lines[1].sku, body.can_order], [[], rice.sku, true])
    const { subtotal, shipping, total, free_shipping_from, missing_to_free_shipping } = body
    assert.deepEqual(
      [subtotal, shipping, total].map(({ amount }) => amount),
      [184_800, 25_000, 209_800],
    )
    assert.deepEqual([free_shipping_from, missing_to_free_shipping], [pkr(500_000), pkr(315_200)])
    const address = { name: 'Sana', line1: '1 Mall Road', city: 'Lahore', country: 'PK', phone: '+923001234567' }
    const placed = await shop.placed({
      ...{ currency: 'PKR', payment_method: 'cash_on_delivery', shipping_address: address, expected_total: total },
      lines: body.lines.map(({ sku, quantity }: { sku: string; quantity: number }) => ({ sku, quantity })),
    })
    assert.deepEqual([placed.subtotal, placed.shipping], [subtotal, shipping])
  })

  test('for readers of Urdu a line has the names in Urdu that there are, and says which are not', async () => {
    const namesInUrdu = { product: 'چائے', variant: '450 گرام' }
    const [translated, plain] = [await shop.sell({ namesInUrdu }), await shop.sell()]
    const id = await shop.cart()
    for (const { sku } of [translated, plain]) await shop.put(id, sku, 1)
    const { body } = await shop.http('GET', `/carts/${id}?language=ur`)
    const names = body.lines.map((line: Record<string, string>) =>
      ['name', 'name_language', 'variant_name', 'variant_name_language'].map((field) => line[field]),
    )
    assert.deepEqual(names, [
      ['چائے', 'ur', '450 گرام', 'ur'],
      ['Tea', 'en', '450 g', 'en'],
    ])
    assert.equal((await shop.look(id)).lines[0].name, 'Tea')
    assert.equal((await shop.http('GET', `/carts/${id}?language=fr`)).status, 400)
  })

  test('from the threshold on delivery is free, in the cart as in the order', async () => {
    const { sku } = await shop.sell({ amount: 100_000 })
    const id = await shop.cart()
    const before = (await shop.put(id, sku, 4)).body
    assert.deepEqual([before.shipping.amount, before.missing_to_free_shipping.amount], [25_000, 100_000])
    const free = (await shop.put(id, sku, 5)).body
    assert.deepEqual([free.shipping.amount, free.missing_to_free_shipping, free.total.amount], [0, null, 500_000])
    const address = { name: 'Sana', line1: '1 Mall Road', city: 'Lahore', country: 'PK', phone: '+923001234567' }
    const order = { currency: 'PKR', payment_method: 'cash_on_delivery', shipping_address: address }
    const placed = await shop.placed({ ...order, lines: [{ sku, quantity: 5 }] })
    assert.deepEqual([placed.shipping.amount, placed.total.amount], [0, 500_000])
    const empty = await shop.look(await shop.cart())
    assert.deepEqual([empty.shipping.amount, empty.total.amount, empty.can_order], [0, 0, false])
  })

  test('what cannot be ordered is refused with its field, and the cart stays as it was', async () => {
    const [tea, few, gone, dollars] = [
      await shop.sell(),
      await shop.sell({ max_quantity: 3 }),
      await shop.sell(),
      await shop.sell({ currency: 'USD' }),
    ]
    await gone.retire()
    const id = await shop.cart()
    const { body: cart } = await shop.put(id, tea.sku, 2)
    for (const quantity of [-1, 1.5, 1e9, 1_000]) {
      const [status, fault] = faultsOf(await shop.put(id, tea.sku, quantity))
      assert.deepEqual([status, `${fault}`.split(' ')[0]], [422, 'quantity'], String(quantity))
    }
    assert.deepEqual(faultsOf(await shop.put(id, tea.sku, '2')), [422, 'quantity type'])
    assert.deepEqual(faultsOf(await shop.put(id, tea.sku, 51)), [422, 'quantity max_quantity'])
    assert.deepEqual(faultsOf(await shop.put(id, few.sku, 4)), [422, 'quantity max_quantity'])
    assert.deepEqual(faultsOf(await shop.put(id, 'NEVER', 1)), [422, 'sku unknown_sku'])
    assert.deepEqual(faultsOf(await shop.put(id, gone.sku, 1)), [422, 'sku not_for_sale'])
    assert.deepEqual(faultsOf(await shop.put(id, dollars.sku, 1)), [422, 'sku no_price'])
    const path = `/carts/${id}/lines/${encodeURIComponent(tea.sku)}`
    const priced = await shop.http('PUT', path, { body: { quantity: 1, unit_price: { amount: 1, currency: 'PKR' } } })
    assert.deepEqual(faultsOf(priced), [422, 'unit_price unknown_field'])
    assert.deepEqual(faultsOf(await shop.http('POST', '/carts', { body: { currency: 'EUR' } })), [
      422,
      'currency currency_not_offered',
    ])
    assert.deepEqual(faultsOf(await shop.http('POST', '/carts', { body: { currency: 'PKR', id: 'mine' } })), [
      422,
      'id unknown_field',
    ])
    assert.deepEqual(faultsOf(await shop.http('PATCH', `/carts/${id}`, { body: { currency: 'XXX' } })), [
      422,
      'currency enum',
    ])
    assert.equal((await shop.http('PUT', path, { body: 'x'.repeat(5_000_000) })).status, 413)
    assert.deepEqual(await shop.look(id), cart)
  })

  test('many lines at once are as one after the other; one that cannot be ordered, and none is put', async () => {
    const [tea, rice, few] = [await shop.sell(), await shop.sell(), await shop.sell({ max_quantity: 3 })]
    const id = await shop.cart()
    const put = (lines: unknown) => shop.http('PUT', `/carts/${id}/lines`, { body: { lines } })
    await shop.put(id, tea.sku, 2)
    const { status, body } = await put([
      { sku: rice.sku.toLowerCase(), quantity: 4 },
      { sku: few.sku, quantity: 1 },
      { sku: tea.sku, quantity: 0 },
      { sku: few.sku, quantity: 3 },
    ])
    const there = [
      [rice.sku, 4],
      [few.sku, 3],
    ]
    assert.deepEqual([status, linesOf(body)], [200, there])
    const refused = await put([
      { sku: tea.sku, quantity: 1 },
      { sku: few.sku, quantity: 4 },
      { sku: 'NEVER', quantity: 1 },
    ])
    assert.deepEqual(faultsOf(refused), [422, 'lines[1].quantity max_quantity', 'lines[2].sku unknown_sku'])
    for (const lines of [[], Array.from({ length: 101 }, () => ({ sku: tea.sku, quantity: 1 })), [{ sku: tea.sku }]])
      assert.equal((await put(lines)).status, 422)
    const elsewhere = (id[0] === 'A' ? 'B' : 'A') + id.slice(1)
    const lines = [{ sku: tea.sku, quantity: 1 }]
    assert.equal((await shop.http('PUT', `/carts/${elsewhere}/lines`, { body: { lines } })).status, 404)
    assert.deepEqual(linesOf(await shop.look(id)), there)
  })

  test('what delivery costs is told to everybody, who may keep it for a minute', async () => {
    const { status, body, headers } = await shop.http('GET', '/order-terms')
    assert.equal(status, 200)
    assert.deepEqual(body.delivery, [
      { charge: { amount: 25_000, currency: 'PKR' }, free_from: { amount: 500_000, currency: 'PKR' } },
      { charge: { amount: 1_500, currency: 'USD' }, free_from: null },
    ])
    assert.deepEqual([body.max_quantity, body.return_days], [50, 14])
    assert.equal(headers.get('cache-control'), 'public, max-age=60')
  })

  test('a cart has at most 100 lines, also after a merge', async () => {
    const id = await shop.cart()
    const [model, more] = [await shop.sell(), await shop.sell()]
    await shop.put(id, model.sku, 1)
    await shop.service.db`
      update carts set lines = (
        select jsonb_agg(case when n = 100 then lines -> 0 else jsonb_build_object('sku', 'OLD-' || n, 'quantity', 1, 'seen', null) end)
        from generate_series(1, 100) n)
      where secret_hash = ${hashOf(id)}`
    assert.deepEqual(faultsOf(await shop.put(id, more.sku, 1)), [422, 'sku maxItems'])
    assert.equal((await shop.put(id, model.sku, 2)).status, 200)
    const as = { id: newId() }
    await shop.put(await shop.cart('PKR', as), more.sku, 1, as)
    const merged = (await shop.http('POST', `/carts/${id}/merge`, { as })).body
    assert.deepEqual([merged.lines.length, merged.lines[0].sku], [100, more.sku])
  })

  test('a customer has one cart, which is reached with his token alone', async () => {
    const [as, other] = [{ id: newId() }, { id: newId() }]
    assert.equal((await shop.http('GET', '/carts/mine')).status, 401)
    assert.equal((await shop.http('GET', '/carts/mine', { as })).status, 404)
    const post = () => shop.http('POST', '/carts', { as, body: { currency: 'PKR' } })
    const made = await Promise.all([post(), post(), post()])
    assert.deepEqual(made.map(({ status }) => status).toSorted(), [200, 200, 201])
    const { id } = made[0]!.body
    const { sku } = await shop.sell()
    await shop.put('mine', sku, 3, as)
    assert.deepEqual(linesOf(await shop.look(id, as)), [[sku, 3]])
    assert.deepEqual((await shop.http('POST', '/carts', { as, body: { currency: 'USD' } })).body.currency, 'PKR')
    for (const who of [undefined, other, { ...other, role: 'staff' as const }]) {
      assert.equal((await shop.http('GET', `/carts/${id}`, { as: who })).status, 404)
      assert.equal((await shop.put(id, sku, 1, who)).status, 404)
      assert.equal((await shop.http('DELETE', `/carts/${id}`, { as: who })).status, 404)
    }
    assert.deepEqual(linesOf(await shop.look(id, as)), [[sku, 3]])
  })

  test('0 takes a line out, and so does DELETE; a cart that is emptied is there still', async () => {
    const [a, b, c] = [await shop.sell(), await shop.sell(), await shop.sell()]
    const id = await shop.cart()
    for (const { sku } of [a, b, c]) await shop.put(id, sku, 1)
    await b.retire()
    assert.deepEqual(linesOf((await shop.put(id, a.sku, 0)).body), [
      [b.sku, 1],
      [c.sku, 1],
    ])
    const path = `/carts/${id}/lines/${encodeURIComponent(b.sku)}`
    for (const _ of [1, 2]) assert.deepEqual(linesOf((await shop.http('DELETE', path)).body), [[c.sku, 1]])
    assert.equal((await shop.http('DELETE', `/carts/${id}`)).status, 204)
    assert.deepEqual(linesOf(await shop.look(id)), [])
  })

  test('what is added at once adds up, as far as an order may have so many', async () => {
    const [tea, few] = [await shop.sell(), await shop.sell({ max_quantity: 3 })]
    const id = await shop.cart()
    const add = (sku: string, quantity: unknown) =>
      shop.http('POST', `/carts/${id}/lines/${encodeURIComponent(sku)}`, { body: { quantity } })
    const answers = await Promise.all([1, 2, 1, 1, 1, 1].map((quantity) => add(tea.sku, quantity)))
    assert.deepEqual(new Set(answers.map(({ status }) => status)), new Set([200]))
    const many = await Promise.all([1, 2, 3, 4, 5].map(() => add(few.sku.toLowerCase(), 1)))
    assert.deepEqual(many.map(({ status }) => status).toSorted(), [200, 200, 200, 422, 422])
    const there = [
      [tea.sku, 7],
      [few.sku, 3],
    ]
    assert.deepEqual(linesOf(await shop.look(id)).toSorted(), there.toSorted())
    for (const quantity of [0, -1, 1.5, 1e9, '1'])
      assert.deepEqual([(await add(tea.sku, quantity)).status], [422], String(quantity))
    for (const [quantity, most, sku] of [
      [44, 50, tea.sku],
      [999_999_999, 50, tea.sku],
      [1, 3, few.sku],
    ] as const) {
      const refused = await add(sku, quantity)
      assert.deepEqual([...faultsOf(refused), refused.body.max_quantity], [422, 'quantity max_quantity', most])
    }
    assert.deepEqual(faultsOf(await add('NEVER', 1)), [422, 'sku unknown_sku'])
    assert.deepEqual(linesOf(await shop.look(id)).toSorted(), there.toSorted())
  })

  test('a cart that several ask for at once by one secret is one', async () => {
    const id = newSecret()
    const open = (path = id, body: unknown = { currency: 'PKR' }) => shop.http('PUT', `/carts/${path}`, { body })
    const made = await Promise.all([open(), open(), open()])
    assert.deepEqual(made.map(({ status }) => status).toSorted(), [200, 200, 201])
    const { sku } = await shop.sell()
    await shop.put(id, sku, 2)
    const again = await open(id, { currency: 'USD' })
    assert.deepEqual([again.status, again.body.id, linesOf(again.body)], [200, id, [[sku, 2]]])
    for (const path of [newId(), id.slice(1), 'mine']) assert.ok((await open(path)).status >= 401, path)
    assert.deepEqual(faultsOf(await open(newSecret(), { currency: 'EUR' })), [422, 'currency currency_not_offered'])
    const as = { id: newId() }
    const mine = await shop.http('PUT', '/carts/mine', { as, body: { currency: 'PKR' } })
    assert.deepEqual([mine.status, mine.body.id], [201, await shop.cart('PKR', as)])
  })

  test('two tabs that put at once lose nothing', async () => {
    const sold = await Promise.all(Array.from({ length: 8 }, () => shop.sell()))
    const id = await shop.cart()
    const answers = await Promise.all(sold.flatMap(({ sku }) => [2, 2].map((quantity) => shop.put(id, sku, quantity))))
    assert.ok(answers.every(({ status }) => status === 200))
    const cart = await shop.look(id)
    assert.deepEqual(linesOf(cart).toSorted(), sold.map(({ sku }) => [sku, 2]).toSorted())
  })

  test('at sign-in the anonymous cart goes into the customer’s, once, however often it is asked at once', async () => {
    const as = { id: newId() }
    const [both, anonymous, few] = [await shop.sell(), await shop.sell(), await shop.sell({ max_quantity: 5 })]
    const id = await shop.cart()
    await shop.put(id, both.sku, 2)
    await shop.put(id, few.sku, 4)
    await shop.put(id, anonymous.sku, 1)
    const own = await shop.cart('PKR', as)
    await shop.put(own, both.sku, 3, as)
    await shop.put(own, few.sku, 4, as)
    assert.equal((await shop.http('POST', `/carts/${id}/merge`)).status, 401)
    const answers = await Promise.all([1, 2, 3, 4].map(() => shop.http('POST', `/carts/${id}/merge`, { as })))
    for (const { status, body } of answers) {
      assert.deepEqual([status, body.id], [200, own])
      assert.deepEqual(linesOf(body), [
        [both.sku, 5],
        [few.sku, 5],
        [anonymous.sku, 1],
      ])
    }
    assert.equal((await shop.http('GET', `/carts/${id}`)).status, 404)
    const mine = await shop.http('POST', '/carts/mine/merge', { as })
    assert.deepEqual([mine.status, linesOf(mine.body).length], [200, 3])
    const nobodys = await shop.http('POST', `/carts/${own}/merge`, { as: { id: newId() } })
    assert.deepEqual([nobodys.status, linesOf(await shop.look(own, as)).length], [404, 3])
  })

  test('who had no cart gets one by merging, in the currency of the anonymous one', async () => {
    const as = { id: newId() }
    const { sku } = await shop.sell({ currency: 'USD' })
    const id = await shop.cart('USD')
    await shop.put(id, sku, 2)
    const { body } = await shop.http('POST', `/carts/${id}/merge`, { as })
    assert.deepEqual([body.currency, linesOf(body)], ['USD', [[sku, 2]]])
  })

  test('carts that nobody has used for 30 days are dropped, in batches; looking at one is using it', async () => {
    const age = (ids: string[], days: number) =>
      shop.service
        .db`update carts set used_on = current_date - ${days}::int where secret_hash = any(${ids.map(hashOf)}::text[])`
    const [fresh, seen, old] = [await shop.cart(), await shop.cart(), await shop.cart()]
    await age([fresh], 30)
    await age([seen, old], 31)
    await shop.look(seen)
    await shop.service.db`
      insert into carts (id, secret_hash, currency, used_on)
      select gen_random_uuid(), 'old ' || n, 'PKR', current_date - 40 from generate_series(1, 600) n`
    const drop = () => inTransaction(shop.service.db, dropUnused)
    assert.deepEqual([await drop(), await drop()], [true, false])
    const statuses = [fresh, seen, old].map(async (id) => (await shop.http('GET', `/carts/${id}`)).status)
    assert.deepEqual(await Promise.all(statuses), [200, 200, 404])
    assert.equal((await shop.service.db`select from carts where secret_hash like 'old %'`).length, 0)
  })

  test('a customer’s cart goes when he is erased, and he gets no other', async () => {
    const as = { id: newId() }
    const id = await shop.cart('PKR', as)
    await shop.consume(UserErased, { user_id: as.id, erased_at: new Date(Date.now() - 60_000).toISOString() })
    assert.equal((await shop.service.db`select from carts where id = ${id}`).length, 0)
    const again = await shop.http('POST', '/carts', { as, body: { currency: 'PKR' } })
    assert.equal(again.body.code, 'account_erased')
    const anonymous = await shop.cart()
    assert.equal((await shop.http('POST', `/carts/${anonymous}/merge`, { as })).status, 403)
    assert.equal((await shop.http('GET', `/carts/${anonymous}`)).status, 200)
  })
})
