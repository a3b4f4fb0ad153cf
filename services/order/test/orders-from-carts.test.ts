import assert from 'node:assert/strict'
import { after, before, describe, test } from 'node:test'
import { newId } from '@mart/service-kit/ids'
import { inTransaction } from '@mart/service-kit/postgres'
import { type Answer, eventually, type TestPerson } from '@mart/service-kit/testing'
import { type CartShop, startCartShop } from './cart-fixture.ts'
import { guest, linkSecret } from './guest-fixture.ts'
import { basket } from './order-fixture.ts'

type Lines = readonly (readonly [sku: string, quantity: number])[]

describe('an order that names its cart', () => {
  let shop: CartShop
  before(async () => {
    shop = await startCartShop({ GUEST_LINK_SECRET: linkSecret })
  })
  after(() => shop.stop())

  const wish = (cart: string, lines: Lines, change: Record<string, unknown> = {}) =>
    basket({ cart, lines: lines.map(([sku, quantity]) => ({ sku, quantity })), ...change })
  const place = (body: unknown, { key = newId(), as }: { key?: string; as?: TestPerson }) =>
    shop.http('POST', '/orders', { as, body, headers: { 'idempotency-key': key } })
  const inCart = async (id: string, as?: TestPerson): Promise<Lines> =>
    (await shop.look(id, as)).lines.map(({ sku, quantity }: { sku: string; quantity: number }) => [sku, quantity])
  const filled = async (lines: Lines, as?: TestPerson) => {
    const id = await shop.cart('PKR', as)
    for (const [sku, quantity] of lines) await shop.put(id, sku, quantity, as)
    return id
  }
  const skus = async (count: number) =>
    (await Promise.all(Array.from({ length: count }, () => shop.sell()))).map(({ sku }) => sku)
  const orderCount = async () => (await shop.service.db`select from orders`).length
  const replayed = ({ headers }: Answer) => headers.get('idempotency-replayed')

  test('takes exactly what is ordered out of it; what was put in since stays', async () => {
    const as = { id: newId() }
    const [tea, rice, salt] = await skus(3)
    const id = await filled(
      [
        [tea!, 3],
        [rice!, 2],
        [salt!, 1],
      ],
      as,
    )
    const first = await place(
      wish('mine', [
        [tea!.toLowerCase(), 2],
        [rice!, 2],
      ]),
      { as },
    )
    assert.equal(first.status, 201, JSON.stringify(first.body))
    assert.deepEqual(await inCart(id, as), [
      [tea, 1],
      [salt, 1],
    ])
    assert.equal(
      (
        await place(
          wish(id, [
            [tea!, 1],
            [salt!, 1],
          ]),
          { as },
        )
      ).status,
      201,
    )
    assert.deepEqual(await inCart(id, as), [])
  })

  test('once: five presses are one order, and its key again takes nothing out of what the cart holds by then', async () => {
    const as = { id: newId() }
    const [tea, rice] = await skus(2)
    const id = await filled(
      [
        [tea!, 2],
        [rice!, 1],
      ],
      as,
    )
    const [body, key, before] = [wish('mine', [[tea!, 1]]), newId(), await orderCount()]
    const presses = await Promise.all([1, 2, 3, 4, 5].map(() => place(body, { as, key })))
    assert.deepEqual(new Set(presses.map(({ status }) => status)).has(201), true)
    for (const { status, body } of presses) assert.ok(status === 201 || body.code === 'idempotency_key_in_use')
    assert.deepEqual(
      [await orderCount(), await inCart(id, as)],
      [
        before + 1,
        [
          [tea, 1],
          [rice, 1],
        ],
      ],
    )
    assert.equal(
      (
        await place(
          wish('mine', [
            [tea!, 1],
            [rice!, 1],
          ]),
          { as },
        )
      ).status,
      201,
    )
    await shop.put(id, rice!, 3, as)
    const again = await place(body, { as, key })
    assert.deepEqual([again.status, replayed(again)], [201, 'true'])
    assert.deepEqual([await orderCount(), await inCart(id, as)], [before + 2, [[rice, 3]]])
  })

  test('what the cart does not hold any more is not ordered from it, nor is anything taken out', async () => {
    const as = { id: newId() }
    const [tea, rice] = await skus(2)
    const id = await filled([[tea!, 2]], as)
    const before = await orderCount()
    for (const lines of [
      [[tea!, 3]],
      [
        [tea!, 1],
        [rice!, 1],
      ],
    ] as const) {
      const { status, body } = await place(wish('mine', lines), { as })
      assert.deepEqual([status, body.code], [409, 'cart_changed'])
    }
    const refused = await place(wish('mine', [[tea!, 1]], { payment_method: 'payfast' }), { as })
    assert.equal(refused.body.code, 'payment_method_unavailable')
    assert.deepEqual([await orderCount(), await inCart(id, as)], [before, [[tea, 2]]])
  })

  test('what the cart shows as sold out is not ordered from it; what was ordered before stays ordered', async () => {
    const as = { id: newId() }
    const [tea, rice, salt] = await skus(3)
    const id = await filled(
      [
        [tea!, 2],
        [rice!, 3],
        [salt!, 1],
      ],
      as,
    )
    const [key, salted] = [newId(), wish('mine', [[salt!, 1]])]
    assert.equal((await place(salted, { as, key })).status, 201)
    await shop.put(id, salt!, 1, as)
    await shop.stock(salt!, 0)
    await shop.stock(tea!, 0)
    await shop.stock(rice!, 2)
    const before = await orderCount()
    const both: Lines = [
      [tea!.toLowerCase(), 2],
      [rice!, 3],
    ]
    const { status, body } = await place(wish('mine', both), { as })
    const missing = [
      { sku: tea, left: 0 },
      { sku: rice, left: 2 },
    ]
    assert.deepEqual([status, body.code, body.missing], [409, 'not_in_stock', missing])
    assert.deepEqual([await orderCount(), (await inCart(id, as)).length], [before, 3])
    const again = await place(salted, { as, key })
    assert.deepEqual([again.status, replayed(again), await orderCount()], [201, 'true', before])
    const rest = { payment_method: 'stripe' }
    assert.equal((await place(wish('mine', [[rice!, 2]], rest), { as })).status, 201)
    const withoutCart = basket({ lines: [{ sku: tea, quantity: 1 }], ...rest })
    assert.equal((await place(withoutCart, { as })).status, 201, 'the reservation alone promises it, or refuses it')
  })

  test('many at once, of several carts and twice of one: each loses its own, and none what it does not hold', async () => {
    const [tea, rice] = await skus(2)
    const people = Array.from({ length: 12 }, () => ({ id: newId() }))
    const ids = await Promise.all(
      people.map((as) =>
        filled(
          [
            [tea!, 5],
            [rice!, 1],
          ],
          as,
        ),
      ),
    )
    const twice = people.flatMap((as) => [as, as])
    const answers = await Promise.all(
      twice.map((as) => place(wish('mine', [[tea!, 2]], { payment_method: 'stripe' }), { as })),
    )
    assert.deepEqual(new Set(answers.map(({ status }) => status)), new Set([201]))
    for (const [index, as] of people.entries())
      assert.deepEqual(await inCart(ids[index]!, as), [
        [tea, 1],
        [rice, 1],
      ])
  })

  test('what is put in while the order waits for the cart is there afterwards', async () => {
    const as = { id: newId() }
    const [tea] = await skus(1)
    const id = await filled([[tea!, 1]], as)
    const { db } = shop.service
    let placing: Promise<Answer> | undefined
    await inTransaction(db, async (tx) => {
      await tx`select from carts where id = ${id} for update`
      placing = place(wish('mine', [[tea!, 1]]), { as })
      const isWaiting = async () =>
        (
          await db`
          select from pg_stat_activity where datname = current_database() and wait_event_type = 'Lock'`
        ).length > 0
      await eventually(isWaiting, 'the order waits for the cart')
      await tx`update carts set lines = lines || '[{"sku": "RICE", "quantity": 4, "seen": null}]' where id = ${id}`
    })
    assert.equal((await placing!).status, 201)
    assert.deepEqual(await inCart(id, as), [['RICE', 4]])
  })

  test('another’s cart, or one that is not there, keeps nobody from ordering and loses nothing', async () => {
    const [owner, other] = [{ id: newId() }, { id: newId() }]
    const [tea] = await skus(1)
    const id = await filled([[tea!, 1]], owner)
    for (const cart of [id, newId(), 'mine', 'A'.repeat(43)])
      assert.equal(
        (await place(wish(cart, [[tea!, 1]], { payment_method: 'stripe' }), { as: other })).status,
        201,
        cart,
      )
    assert.deepEqual(await inCart(id, owner), [[tea, 1]])
    const { status, body } = await place(wish('..', [[tea!, 1]]), { as: other })
    assert.deepEqual([status, body.errors[0].field], [422, 'cart'])
  })

  test('a guest’s cart is ordered once, whoever he then says he is: he is told of it, with its link if it is his', async () => {
    const [tea] = await skus(1)
    const cart = await filled([[tea!, 1]])
    const [key, before] = [newId(), await orderCount()]
    const contact = guest()
    const order = (change: Record<string, unknown> = {}) =>
      place(wish(cart, [[tea!, 1]], { payment_method: 'stripe', contact, ...change }), { key })
    const { status, body: placed } = await order()
    assert.equal(status, 201, JSON.stringify(placed))
    assert.deepEqual(await inCart(cart), [])
    const told = async (change: Record<string, unknown>) => {
      const { status, body } = await order(change)
      assert.deepEqual([status, body.code], [422, 'idempotency_key_reused'])
      return [body.order_id, body.order_number, body.guest_token]
    }
    const { id, number, guest_token } = placed
    assert.deepEqual(await told({ note: 'to the back door' }), [id, number, guest_token])
    assert.deepEqual(await told({ contact: guest() }), [id, number, undefined])
    assert.equal(await orderCount(), before + 1)
  })
})
