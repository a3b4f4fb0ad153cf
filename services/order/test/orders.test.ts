import assert from 'node:assert/strict'
import { after, before, describe, test } from 'node:test'
import { StockRefused, StockReserved } from '@mart/contracts/events/inventory-events'
import {
  OrderCancelled,
  OrderCancelRequested,
  OrderConfirmed,
  OrderDelivered,
  OrderPaymentDue,
  OrderPlaced,
  OrderShipped,
} from '@mart/contracts/events/order-events'
import {
  PaymentActionRequired,
  PaymentDisputed,
  PaymentFailed,
  PaymentSucceeded,
  PaymentVoided,
} from '@mart/contracts/events/payment-events'
import { ProductChanged, ProductPublished, ProductRetired } from '@mart/contracts/events/product-events'
import { UserErased } from '@mart/contracts/events/user-events'
import { newId } from '@mart/service-kit/ids'
import { eventually, startTestService, type TestPerson, type TestService } from '@mart/service-kit/testing'
import type { Config } from '../src/config.ts'
import { order } from '../src/main.ts'

const pkr = (amount: number) => ({ amount, currency: 'PKR' })
const usd = (amount: number) => ({ amount, currency: 'USD' })

const tea = {
  product_id: newId(),
  version: 1,
  slug: 'tapal-danedar',
  name: 'Tapal Danedar',
  category_slugs: ['tea'],
  image_urls: [],
  variants: [
    { sku: 'TEA-450', name: '450 g', prices: [pkr(89_900), usd(399)] },
    { sku: 'TEA-190', name: '190 g', prices: [pkr(42_000)] },
    { sku: 'tea/80 g', name: '80 g', prices: [pkr(18_000)], max_quantity: 240 },
  ],
}

const basket = (change: Record<string, unknown> = {}) => ({
  lines: [{ sku: 'TEA-450', quantity: 2 }],
  currency: 'PKR',
  payment_method: 'cash_on_delivery',
  shipping_address: { name: 'Sana', line1: '1 Mall Road', city: 'Lahore', country: 'PK', phone: '+92 300 1234567' },
  ...change,
})

describe('orders', () => {
  let mart: TestService<Config>
  const staff: TestPerson = { id: newId(), role: 'staff' }

  before(async () => {
    mart = await startTestService(order, {
      PAYMENT_METHODS: 'stripe,cash_on_delivery',
      MART_RATE_LIMITS: 'on',
      MAX_OPEN_ORDERS: '3',
    })
    await mart.consume(ProductPublished, tea)
  })
  after(() => mart.stop())

  const someone = (): TestPerson => ({ id: newId(), email: 'sana@example.com', name: 'Sana' })
  const place = async (as: TestPerson, change: Record<string, unknown> = {}, headers: Record<string, string> = {}) =>
    mart.http('POST', '/orders', { as, body: basket(change), headers })
  const placed = async (as: TestPerson, change: Record<string, unknown> = {}) => {
    const { status, body } = await place(as, change)
    assert.equal(status, 201, JSON.stringify(body))
    return body
  }
  const get = async (id: string) => (await mart.http('GET', `/orders/${id}`, { as: staff })).body
  const payment = (id: string) => ({
    order_id: id,
    payment_id: newId(),
    method: 'stripe' as const,
    amount: pkr(204_800),
  })
  const attempt = { attempt: 1, attempt_id: newId() }
  const saidOf = async <E extends Parameters<typeof mart.published>[0]>(event: E, id: string) =>
    (await mart.published(event)).filter((one) => one.key === id)

  test('placing: the answer, the row, the history and the event', async () => {
    const buyer = someone()
    const answer = await placed(buyer, { note: 'ring twice' })
    assert.match(answer.number, /^M-\d{6}$/)
    assert.equal(answer.status, 'placed')
    assert.deepEqual(answer.lines[0], {
      sku: 'TEA-450',
      name: 'Tapal Danedar, 450 g',
      quantity: 2,
      unit_price: pkr(89_900),
      total: pkr(179_800),
    })
    assert.deepEqual([answer.subtotal, answer.shipping, answer.total], [pkr(179_800), pkr(25_000), pkr(204_800)])
    assert.deepEqual(answer.payment, { status: 'pending', action: null, refunded: pkr(0) })
    assert.deepEqual((await mart.http('GET', `/orders/${answer.id}`, { as: buyer })).body, answer)

    const [event] = await saidOf(OrderPlaced, answer.id)
    assert.equal(event?.data.contact.email, 'sana@example.com')
    assert.deepEqual(event?.data.lines, [
      { sku: 'TEA-450', name: 'Tapal Danedar, 450 g', quantity: 2, unit_price: 89_900 },
    ])
    const history = await mart.http('GET', `/orders/${answer.id}/history`, { as: buyer })
    assert.deepEqual(
      history.body.items.map((line: { status: string }) => line.status),
      ['placed'],
    )
  })

  test('cash on delivery: reserved goods confirm it, once, however often that is heard', async () => {
    const { id } = await placed(someone())
    await mart.consume(StockReserved, { order_id: id }, { order_id: id })
    await mart.consume(StockReserved, { order_id: id })
    assert.equal((await get(id)).status, 'confirmed')
    assert.equal((await get(id)).payment.status, 'due_on_delivery')
    assert.equal((await saidOf(OrderConfirmed, id)).length, 1)
    const history = (await mart.http('GET', `/orders/${id}/history`, { as: staff })).body.items
    assert.deepEqual(
      history.map((line: { status: string }) => line.status),
      ['placed', 'confirmed', 'confirmed', 'confirmed'],
    )
    assert.equal(history[1].cause.type, 'stock.reserved')
  })

  test('no stock: cancelled with the goods that are missing', async () => {
    const { id } = await placed(someone())
    await mart.consume(StockRefused, { order_id: id, missing: [{ sku: 'TEA-450', requested: 2, available: 1 }] })
    const now = await get(id)
    assert.equal(now.status, 'cancelled')
    assert.equal(now.cancel_reason, 'out_of_stock')
    const [event] = await saidOf(OrderCancelled, id)
    assert.deepEqual(event?.data.missing, [{ sku: 'TEA-450', name: 'Tapal Danedar, 450 g' }])
  })

  test('by card: payment is due, a link comes, a failure is no end, success confirms', async () => {
    const { id } = await placed(someone(), { payment_method: 'stripe' })
    await mart.consume(StockReserved, { order_id: id })
    const [due] = await saidOf(OrderPaymentDue, id)
    assert.equal(due?.data.attempt, 1)
    assert.deepEqual(due?.data.total, pkr(204_800))
    assert.equal((await get(id)).payment_due_at, due?.data.due_at)
    await mart.consume(PaymentActionRequired, { ...payment(id), ...attempt, url: 'http://pay.example/1' })
    assert.deepEqual((await get(id)).payment, {
      status: 'action_required',
      action: { type: 'redirect', url: 'http://pay.example/1' },
      refunded: pkr(0),
    })
    await mart.consume(PaymentFailed, { ...payment(id), ...attempt, final: false, reason: 'declined' })
    assert.equal((await get(id)).status, 'awaiting_payment')
    await mart.consume(PaymentSucceeded, { ...payment(id), ...attempt, succeeded_at: new Date().toISOString() })
    assert.deepEqual(
      [(await get(id)).status, (await get(id)).payment],
      ['confirmed', { status: 'succeeded', action: null, refunded: pkr(0) }],
    )
  })

  test('another way to pay is the next attempt', async () => {
    const buyer = someone()
    const { id } = await placed(buyer, { payment_method: 'stripe' })
    const choose = (payment_method: string) =>
      mart.http('POST', `/orders/${id}/payment`, { as: buyer, body: { payment_method } })
    assert.equal((await choose('cash_on_delivery')).status, 409)
    await mart.consume(StockReserved, { order_id: id })
    assert.equal((await choose('cash_on_delivery')).body.payment_method, 'cash_on_delivery')
    assert.equal((await choose('payfast')).body.code, 'payment_method_unavailable')
    assert.deepEqual(
      (await saidOf(OrderPaymentDue, id)).map(({ data }) => [data.attempt, data.payment_method]),
      [
        [1, 'stripe'],
        [2, 'cash_on_delivery'],
      ],
    )
  })

  test('cancelling asks payment first, and frees nothing before it has answered', async () => {
    const buyer = someone()
    const { id } = await placed(buyer)
    await mart.consume(StockReserved, { order_id: id })
    const cancel = () => mart.http('POST', `/orders/${id}/cancel`, { as: buyer, body: { reason: 'changed my mind' } })
    assert.equal((await cancel()).body.status, 'cancelling')
    assert.equal((await cancel()).status, 200)
    assert.equal((await saidOf(OrderCancelRequested, id)).length, 1)
    assert.equal((await saidOf(OrderCancelled, id)).length, 0)
    await mart.consume(PaymentVoided, { order_id: id, refunding: false })
    assert.equal((await get(id)).status, 'cancelled')
    assert.equal((await cancel()).status, 200)
    assert.equal((await saidOf(OrderCancelled, id)).length, 1)
  })

  test('ship and deliver: staff only, once; a shipped order cannot be cancelled', async () => {
    const buyer = someone()
    const { id } = await placed(buyer)
    await mart.consume(StockReserved, { order_id: id })
    const parcel = { carrier: 'TCS', tracking_number: '123' }
    assert.equal((await mart.http('POST', `/orders/${id}/shipments`, { as: buyer, body: parcel })).status, 403)
    assert.equal(
      (await mart.http('POST', `/orders/${id}/deliveries`, { as: staff, body: {} })).body.code,
      'not_shipped',
    )
    assert.equal(
      (await mart.http('POST', `/orders/${id}/shipments`, { as: staff, body: parcel })).body.status,
      'shipped',
    )
    assert.equal(
      (await mart.http('POST', `/orders/${id}/shipments`, { as: staff, body: parcel })).body.code,
      'not_shippable',
    )
    assert.equal((await mart.http('POST', `/orders/${id}/cancel`, { as: buyer })).body.code, 'not_cancellable')
    assert.equal((await mart.http('POST', `/orders/${id}/deliveries`, { as: staff })).body.status, 'delivered')
    assert.equal((await saidOf(OrderShipped, id)).length, 1)
    assert.deepEqual((await saidOf(OrderDelivered, id))[0]?.data.collected, pkr(204_800))
  })

  test('a disputed order is held and cannot be shipped', async () => {
    const { id } = await placed(someone())
    await mart.consume(StockReserved, { order_id: id })
    await mart.consume(PaymentDisputed, { ...payment(id), disputed: pkr(204_800), reason: 'fraudulent' })
    assert.deepEqual((await get(id)).holds, ['payment_disputed'])
    const shipped = await mart.http('POST', `/orders/${id}/shipments`, {
      as: staff,
      body: { carrier: 'TCS', tracking_number: '1' },
    })
    assert.equal(shipped.status, 409)
  })

  test('one key sent twenty times at once makes one order; later it is answered with the first answer', async () => {
    const buyer = someone()
    const key = { 'idempotency-key': newId() }
    const answers = await Promise.all(Array.from({ length: 20 }, () => place(buyer, {}, key)))
    const made = answers.filter(({ status }) => status === 201)
    assert.ok(
      answers.every(({ status }) => status === 201 || status === 409),
      'only 201 or 409',
    )
    assert.equal(new Set(made.map(({ body }) => body.id)).size, 1)
    const { id } = made[0]!.body
    await mart.consume(StockReserved, { order_id: id })
    const again = await place(buyer, {}, key)
    assert.deepEqual([again.status, again.headers.get('idempotency-replayed')], [201, 'true'])
    assert.deepEqual(again.body, made.find(({ headers }) => !headers.get('idempotency-replayed'))!.body)
    const orders = await mart.http('GET', '/orders', { as: buyer })
    assert.equal(orders.body.items.length, 1)
    assert.equal((await place(buyer, { note: 'other' }, key)).body.code, 'idempotency_key_reused')
    assert.equal((await place(someone(), {}, key)).status, 201, "another person's key is another key")
  })

  test('prices come from here: a price sent along is an unknown field', async () => {
    const { status, body } = await place(someone(), {
      lines: [{ sku: 'TEA-450', quantity: 1, unit_price: 1 }],
      total: pkr(1),
    })
    assert.equal(status, 422)
    assert.deepEqual(
      body.errors.map((error: { field: string; code: string }) => [error.field, error.code]).toSorted(),
      [
        ['lines[0].unit_price', 'unknown_field'],
        ['total', 'unknown_field'],
      ],
    )
  })

  test('a SKU is found in any case, and told as its merchant writes it', async () => {
    for (const sku of ['tea-450', 'Tea-450']) {
      const { lines } = await placed(someone(), { lines: [{ sku, quantity: 1 }] })
      assert.equal(lines[0].sku, 'TEA-450')
    }
    const order = await placed(someone(), {
      lines: [
        { sku: 'TEA/80 G', quantity: 100 },
        { sku: 'tea/80 g', quantity: 100 },
      ],
    })
    assert.deepEqual(
      order.lines.map(({ sku, quantity }: { sku: string; quantity: number }) => [sku, quantity]),
      [['tea/80 g', 200]],
    )
    const [event] = await saidOf(OrderPlaced, order.id)
    assert.equal(event?.data.lines[0]?.sku, 'tea/80 g')
  })

  test('an order has at most so many of one SKU, in all of its lines, as its variant or the shop says', async () => {
    const refusals = async (...lines: { sku: string; quantity: number }[]) => {
      const { status, body } = await place(someone(), { lines })
      return [
        status,
        ...(body.errors ?? []).map((fault: { field: string; code: string }) => `${fault.field} ${fault.code}`),
      ]
    }
    const second = ['TEA-450', 'tea-450'].map((sku) => ({ sku, quantity: 26 }))
    assert.deepEqual(await refusals({ sku: 'TEA-190', quantity: 1 }, ...second), [
      422,
      'lines[1].quantity max_quantity',
    ])
    assert.deepEqual(await refusals({ sku: 'TEA-450', quantity: 50 }), [201])
    assert.deepEqual(await refusals({ sku: 'tea/80 g', quantity: 241 }), [422, 'lines[0].quantity max_quantity'])
    const { body } = await place(someone(), { lines: [{ sku: 'tea/80 g', quantity: 241 }] })
    assert.match(body.errors[0].message, /at most 240 of tea\/80 g/)
    await mart.consume(ProductChanged, {
      ...tea,
      version: 2,
      variants: tea.variants.map(({ max_quantity: _, ...one }) => one),
    })
    assert.deepEqual(await refusals({ sku: 'tea/80 g', quantity: 51 }), [422, 'lines[0].quantity max_quantity'])
  })

  test('faults of shape and of the catalogue are told together', async () => {
    const { status, body } = await place(someone(), {
      lines: [
        { sku: 'NONE', quantity: 0 },
        { sku: 'TEA-190', quantity: 1.5 },
      ],
      currency: 'PKR',
      shipping_address: { name: '', line1: 'x', city: 'x', country: 'Pakistan', phone: '1' },
    })
    assert.equal(status, 422)
    assert.equal(body.code, 'invalid_input')
    const fields = new Set(body.errors.map((error: { field: string }) => error.field))
    for (const field of [
      'lines[0].quantity',
      'lines[0].sku',
      'lines[1].quantity',
      'shipping_address.country',
      'shipping_address.phone',
      'shipping_address.name',
    ]) {
      assert.ok(fields.has(field), `${field} is missing in ${[...fields]}`)
    }
  })

  const bad: [string, Record<string, unknown>, string][] = [
    ['no lines', { lines: [] }, 'lines'],
    ['101 lines', { lines: Array.from({ length: 101 }, () => ({ sku: 'TEA-450', quantity: 1 })) }, 'lines'],
    ['quantity −1', { lines: [{ sku: 'TEA-450', quantity: -1 }] }, 'lines[0].quantity'],
    ['quantity 10^9', { lines: [{ sku: 'TEA-450', quantity: 1e9 }] }, 'lines[0].quantity'],
    ['quantity as text', { lines: [{ sku: 'TEA-450', quantity: '2' }] }, 'lines[0].quantity'],
    [
      'a SKU without a price in the currency',
      { lines: [{ sku: 'TEA-190', quantity: 1 }], currency: 'USD', payment_method: 'stripe' },
      'lines[0].sku',
    ],
    ['a currency that nothing is sold in', { currency: 'EUR' }, 'currency'],
    ['a method nobody knows', { payment_method: 'barter' }, 'payment_method'],
    ['cash abroad', { shipping_address: { ...basket().shipping_address, country: 'US' } }, 'payment_method'],
  ]
  for (const [what, change, field] of bad) {
    test(`${what}: 422 naming ${field}`, async () => {
      const { status, body } = await place(someone(), change)
      assert.equal(status, 422)
      assert.ok(
        body.errors.some((error: { field: string }) => error.field === field),
        JSON.stringify(body),
      )
    })
  }

  test('malformed JSON, a 2 MB body, no token, a forged token, an id that is none', async () => {
    const as = someone()
    assert.equal((await mart.http('POST', '/orders', { as, body: '{"lines":' })).body.code, 'malformed_json')
    assert.equal(
      (await mart.http('POST', '/orders', { as, body: basket({ note: 'x'.repeat(2_000_000) }) })).status,
      413,
    )
    assert.equal((await mart.http('POST', '/orders', { body: basket() })).status, 401)
    const forged = {
      authorization: `Bearer ${Buffer.from('{"alg":"none"}').toString('base64url')}.${Buffer.from(`{"sub":"${as.id}","role":"admin"}`).toString('base64url')}.`,
    }
    assert.equal((await mart.http('GET', '/orders', { headers: forged })).status, 401)
    assert.equal((await mart.http('GET', '/orders/17', { as })).status, 404)
  })

  test("somebody else's order does not exist", async () => {
    const { id } = await placed(someone())
    for (const path of ['', '/history', '/events']) {
      assert.equal((await mart.http('GET', `/orders/${id}${path}`, { as: someone() })).status, 404)
    }
    assert.equal((await mart.http('POST', `/orders/${id}/cancel`, { as: someone() })).status, 404)
  })

  test('a changed price is told with the new lines, and a version that is not newer is ignored', async () => {
    const product = {
      ...tea,
      product_id: newId(),
      slug: 'rice',
      name: 'Rice',
      variants: [{ sku: 'RICE', name: '', prices: [pkr(1000)] }],
    }
    await mart.consume(ProductPublished, product)
    const lines = [{ sku: 'RICE', quantity: 1 }]
    assert.deepEqual((await placed(someone(), { lines })).subtotal, pkr(1000))
    const dearer = { ...product, version: 3, variants: [{ sku: 'RICE', name: '', prices: [pkr(1200)] }] }
    await mart.consume(ProductChanged, dearer)
    await mart.consume(ProductChanged, { ...product, version: 2 })
    await eventually(async () => {
      const { status, body } = await place(someone(), { lines, expected_total: pkr(26_000) })
      return status === 409 && body.code === 'price_changed' && body.total.amount === 26_200
    }, 'the new price is asked')
    await mart.consume(ProductRetired, { ...dearer, version: 4 })
    await eventually(async () => (await place(someone(), { lines })).status === 422, 'it is not sold any more')
  })

  test('more open orders than allowed: 429, until one is no longer open', async () => {
    const buyer = someone()
    const [first] = [await placed(buyer), await placed(buyer), await placed(buyer)]
    assert.equal((await place(buyer)).body.code, 'too_many_open_orders')
    await mart.consume(StockRefused, { order_id: first!.id, missing: [] })
    assert.equal((await place(buyer)).status, 201)
  })

  test('listing: mine, by page; staff see all and choose a customer', async () => {
    const buyer = someone()
    const ids = [(await placed(buyer)).id, (await placed(buyer)).id, (await placed(buyer)).id]
    const first = (await mart.http('GET', '/orders?limit=2', { as: buyer })).body
    const second = (await mart.http('GET', `/orders?limit=2&cursor=${first.next_cursor}`, { as: buyer })).body
    assert.deepEqual(
      [...first.items, ...second.items].map((one: { id: string }) => one.id),
      ids.toReversed(),
    )
    assert.equal(second.next_cursor, null)
    const foreign = await mart.http('GET', `/orders?customer=${buyer.id}`, { as: someone() })
    assert.deepEqual(foreign.body.items, [])
    assert.equal((await mart.http('GET', `/orders?customer=${buyer.id}`, { as: staff })).body.items.length, 3)
    assert.equal((await mart.http('GET', '/orders?cursor=nonsense', { as: buyer })).status, 400)
    assert.equal((await mart.http('GET', '/orders?status=lost', { as: buyer })).status, 400)
  })

  test('the stream tells the present, each change, and ends when the order is final', async () => {
    const buyer = someone()
    const { id } = await placed(buyer)
    const reading = mart.http('GET', `/orders/${id}/events`, { as: buyer })
    await new Promise((resolve) => setTimeout(resolve, 100))
    await mart.consume(StockRefused, { order_id: id, missing: [] })
    const { body, headers } = await reading
    assert.match(headers.get('content-type') ?? '', /text\/event-stream/)
    const told = [...(body as string).matchAll(/id: (\d+)\nevent: order\ndata: (.*)\n/g)].map(([, n, data]) => [
      n,
      JSON.parse(data!).status,
    ])
    assert.deepEqual(told, [
      ['1', 'placed'],
      ['2', 'cancelled'],
    ])
    const resumed = await mart.http('GET', `/orders/${id}/events`, { as: buyer, headers: { 'last-event-id': '2' } })
    assert.equal(resumed.status, 204)
  })

  test('an erased customer orders nothing any more, and is blanked in orders that are or become final', async () => {
    const buyer = someone()
    const open = await placed(buyer)
    const closed = await placed(buyer)
    await mart.consume(StockRefused, { order_id: closed.id, missing: [] })
    await mart.consume(UserErased, { user_id: buyer.id, erased_at: new Date().toISOString() })
    assert.equal((await get(closed.id)).shipping_address.name, '')
    assert.equal((await get(open.id)).shipping_address.name, 'Sana')
    assert.equal((await place(buyer)).body.code, 'account_erased')
    await mart.consume(StockRefused, { order_id: open.id, missing: [] })
    assert.equal((await get(open.id)).shipping_address.name, '')
  })
})

test('the clock: an order that is not paid in time asks for its cancellation, and money that came keeps it', async () => {
  const mart = await startTestService(order, { PAYMENT_METHODS: 'stripe', PAYMENT_WINDOW_S: '1' })
  await mart.consume(ProductPublished, tea)
  const { body } = await mart.http('POST', '/orders', {
    as: { id: newId() },
    body: basket({ payment_method: 'stripe' }),
  })
  await mart.consume(StockReserved, { order_id: body.id })
  await eventually(async () => (await mart.published(OrderCancelRequested)).length === 1, 'the clock has asked')
  assert.equal((await mart.published(OrderCancelRequested))[0]?.data.if_paid, 'keep')
  await mart.consume(PaymentSucceeded, {
    order_id: body.id,
    payment_id: newId(),
    method: 'stripe',
    amount: body.total,
    attempt: 1,
    attempt_id: newId(),
    succeeded_at: new Date().toISOString(),
  })
  assert.equal((await mart.published(OrderConfirmed)).length, 1)
  await mart.stop()
})
