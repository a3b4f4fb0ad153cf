import assert from 'node:assert/strict'
import { after, before, describe, test } from 'node:test'
import { StockReserved } from '@mart/contracts/events/inventory-events'
import { OrderPaymentDue, OrderPlaced } from '@mart/contracts/events/order-events'
import { PaymentActionRequired } from '@mart/contracts/events/payment-events'
import { ProductChanged, ProductPublished } from '@mart/contracts/events/product-events'
import { guestLinks } from '@mart/service-kit/guest-links'
import { newId } from '@mart/service-kit/ids'
import { eventually } from '@mart/service-kit/testing'
import { type GuestShop, guest, guestBasket, linkSecret, startGuestShop } from './guest-fixture.ts'
import { basket, startOrderShop } from './order-fixture.ts'

const otherLetter = (link: string, at: number) =>
  link.slice(0, at) + (link[at] === 'A' ? 'B' : 'A') + link.slice(at + 1)

describe('a guest', () => {
  let shop: GuestShop
  before(async () => {
    shop = await startGuestShop()
  })
  after(() => shop.stop())

  const faultsOf = async (body: unknown) => {
    const answer = await shop.order(body)
    assert.equal(answer.status, 422, JSON.stringify(answer.body))
    return answer.body.errors.map(({ field, code }: { field: string; code: string }) => `${field} ${code}`).toSorted()
  }

  test('orders without an account, by the rules of everybody; his contact goes with it in the events', async () => {
    const contact = guest({ phone: ' 0300-7654321', language: 'ur' })
    const { status, body } = await shop.order(guestBasket({ contact }))
    assert.equal(status, 201, JSON.stringify(body))
    const kept = { ...contact, phone: '+923007654321' }
    assert.deepEqual([body.status, body.customer_id, body.total.amount, body.contact], ['placed', null, 26_000, kept])
    const placed = (await shop.published(OrderPlaced)).find(({ key }) => key === body.id)
    assert.deepEqual([placed?.data.customer_id, placed?.data.contact], [null, kept])
    await shop.consume(StockReserved, { order_id: body.id })
    const due = (await shop.published(OrderPaymentDue)).find(({ key }) => key === body.id)
    assert.deepEqual([due?.data.customer_id, due?.data.contact.language], [null, 'ur'])
  })

  test('says who he is, every fault at once, and nothing is taken', async () => {
    const before = (await shop.service.db`select from orders`).length
    const missing = ['contact.email required', 'contact.name required', 'contact.phone required']
    assert.deepEqual(await faultsOf(basket()), missing)
    assert.deepEqual(await faultsOf(guestBasket({ contact: {} })), missing)
    assert.deepEqual(await faultsOf(guestBasket({ contact: 'me' })), ['contact type'])
    assert.deepEqual(
      await faultsOf(
        guestBasket({
          lines: [{ sku: 'NONE', quantity: 1 }],
          contact: { name: 'a\nb', email: `${'a'.repeat(290)}@x.example`, phone: '12', language: 'fr', id: newId() },
        }),
      ),
      [
        ...['contact.email maxLength', 'contact.id unknown_field', 'contact.language enum', 'contact.name one_line'],
        ...['contact.phone phone', 'lines[0].sku unknown_sku'],
      ],
    )
    for (const email of ['sana', 'sana@', 'sänä@example.com', 'a b@example.com', 'a@example.com\nbcc: b@example.com'])
      assert.deepEqual(await faultsOf(guestBasket({ contact: guest({ email }) })), ['contact.email email'], email)
    assert.equal((await shop.service.db`select from orders`).length, before)
  })

  test('reaches his order by its link alone: reads, follows, pays and cancels it', async () => {
    const { id, number, guest_token: link } = await shop.ordered()
    assert.match(link, /^[A-Za-z0-9_-]{43}$/)
    for (const path of [id, number]) assert.equal((await shop.ask(link, 'GET', `/orders/${path}`)).body.id, id)
    const placed = (await shop.ask(link, 'GET', `/orders/${id}/history`)).body.items[0]
    assert.deepEqual([placed.what, placed.by.who], ['placed', 'you'])

    await shop.consume(StockReserved, { order_id: id })
    const chosen = await shop.ask(link, 'POST', `/orders/${id}/payment`, { payment_method: 'stripe' })
    assert.deepEqual([chosen.status, chosen.body.status], [200, 'awaiting_payment'])
    const action = {
      order_id: id,
      payment_id: newId(),
      attempt_id: newId(),
      attempt: 2,
      method: 'stripe' as const,
      amount: chosen.body.total,
    }
    await shop.consume(PaymentActionRequired, { ...action, url: 'http://pay.example/go' })
    const stream = await fetch(`${shop.service.url}/orders/${id}/events`, {
      headers: { authorization: `Guest ${link}` },
    })
    assert.equal(stream.status, 200)
    const reader = stream.body!.getReader()
    assert.match(new TextDecoder().decode((await reader.read()).value), /event: order\ndata: .*pay\.example/)
    await reader.cancel()

    const cancelled = await shop.ask(link, 'POST', `/orders/${id}/cancel`, { reason: 'too slow' })
    assert.deepEqual([cancelled.status, cancelled.body.status], [200, 'cancelling'])
    const last = (await shop.ask(link, 'GET', `/orders/${id}/history`)).body.items.at(-1)
    assert.deepEqual([last.what, last.reason, last.by.who], ['person_cancels', 'too slow', 'you'])
    const toStaff = (await shop.http('GET', `/orders/${id}/history`, { as: { id: newId(), role: 'staff' } })).body
    assert.deepEqual(toStaff.items.at(-1).by, { who: 'guest', id })
  })

  test('… which is wrong by one letter, of another order, or not there: not even that the order exists is told', async () => {
    const [mine, other] = [await shop.ordered(), await shop.ordered()]
    const wrong = [0, 20, 42].map((at) => otherLetter(mine.guest_token, at))
    for (const link of [...wrong, other.guest_token, mine.guest_token.slice(1), `${mine.guest_token}A`]) {
      for (const path of [mine.id, mine.number]) {
        assert.equal((await shop.ask(link, 'GET', `/orders/${path}`)).status, 404)
        assert.equal((await shop.ask(link, 'GET', `/orders/${path}/history`)).status, 404)
        assert.equal((await shop.ask(link, 'GET', `/orders/${path}/events`)).status, 404)
        assert.equal((await shop.ask(link, 'POST', `/orders/${path}/cancel`, {})).status, 404)
        assert.equal(
          (await shop.ask(link, 'POST', `/orders/${path}/payment`, { payment_method: 'stripe' })).status,
          404,
        )
        assert.equal((await shop.ask(link, 'DELETE', `/orders/${path}/contact`)).status, 404)
      }
    }
    assert.equal((await shop.http('GET', `/orders/${mine.id}`)).status, 401)
    assert.equal((await shop.http('GET', `/orders/${mine.id}`, { as: { id: newId() } })).status, 404)
    assert.equal((await shop.ask(mine.guest_token, 'GET', '/orders')).status, 401)
    assert.equal((await shop.ask(mine.guest_token, 'POST', `/orders/${mine.id}/shipments`, {})).status, 401)
    const unchanged = await shop.ask(mine.guest_token, 'GET', `/orders/${mine.id}`)
    assert.equal(unchanged.body.status, 'placed')
  })

  test('an account’s order has no link, though one could be made for its id', async () => {
    const as = { id: newId() }
    const placed = await shop.placed(basket({ contact: { language: 'ur' } }), as)
    assert.deepEqual(
      [placed.guest_token, placed.contact.language, placed.contact.name],
      [undefined, 'ur', 'Test Person'],
    )
    const link = guestLinks(linkSecret)!.secretOf(placed.id)
    assert.equal((await shop.ask(link, 'GET', `/orders/${placed.id}`)).status, 404)
    assert.equal((await shop.ask(link, 'POST', `/orders/${placed.id}/cancel`, {})).status, 404)
  })

  test('presses the button five times: one order, one link, also after the price has changed', async () => {
    const product = (version: number, amount: number) => ({
      ...{
        product_id: '0199a000-0000-7000-8000-000000000009',
        version,
        slug: 'salt',
        name: 'Salt',
        category_slugs: [],
      },
      ...{ image_urls: [], variants: [{ sku: 'SALT', name: '', prices: [{ amount, currency: 'PKR' }] }] },
    })
    await shop.consume(ProductPublished, product(1, 1_000))
    const contact = guest()
    const body = guestBasket({
      contact,
      lines: [{ sku: 'SALT', quantity: 1 }],
      expected_total: { amount: 26_000, currency: 'PKR' },
    })
    const headers = { 'idempotency-key': newId() }
    const presses = await Promise.all([1, 2, 3, 4, 5].map(() => shop.order(body, headers)))
    const taken = presses.filter(({ status }) => status === 201)
    assert.ok(taken.length >= 1 && presses.every(({ status }) => status === 201 || status === 409))
    const { id, guest_token: link } = taken[0]!.body
    await shop.consume(ProductChanged, product(2, 1_200))
    await eventually(async () => (await shop.order(body)).status === 409, 'the new price is known')
    const again = await shop.order(body, headers)
    assert.deepEqual([again.status, again.body.id, again.body.guest_token], [201, id, link])
    assert.equal(again.headers.get('idempotency-replayed'), 'true')
    assert.equal((await shop.order({ ...body, note: 'other' }, headers)).body.code, 'idempotency_key_reused')
    const rows = await shop.service.db`select from orders where contact ->> 'email' = ${contact.email}`
    assert.equal(rows.length, 1)
  })

  test('a key that others can guess is refused; one that is another guest’s makes an order of one’s own', async () => {
    const short = await shop.order(guestBasket(), { 'idempotency-key': '1' })
    assert.deepEqual([short.status, short.body.code], [400, 'bad_idempotency_key'])
    const headers = { 'idempotency-key': newId() }
    const body = guestBasket()
    const mine = (await shop.order(body, headers)).body
    const others = (await shop.order({ ...body, contact: guest() }, headers)).body
    assert.notEqual(others.id, mine.id)
    const ofAnAccount = await shop.http('POST', '/orders', { as: { id: newId() }, body, headers })
    assert.notEqual(ofAnAccount.body.id, mine.id)
  })

  test('a repeated command of a guest is done once, and is answered to nobody else', async () => {
    const [mine, other] = [await shop.ordered(), await shop.ordered()]
    const headers = { 'idempotency-key': '1' }
    const cancel = ({ id, guest_token }: { id: string; guest_token: string }, link = guest_token) =>
      shop.http('POST', `/orders/${id}/cancel`, { body: {}, headers: { ...headers, authorization: `Guest ${link}` } })
    assert.equal((await cancel(mine)).body.status, 'cancelling')
    const again = await cancel(mine)
    assert.deepEqual([again.status, again.headers.get('idempotency-replayed')], [200, 'true'])
    assert.equal((await cancel(mine, other.guest_token)).status, 404)
  })

  test('is in the description of the routes: what he may send, and where his link does', async () => {
    const { paths, components } = (await shop.http('GET', '/openapi.json')).body
    const { parameters, security, responses } = paths['/orders'].post
    assert.deepEqual(
      [parameters.map(({ name }: { name: string }) => name), security],
      [['idempotency-key'], [{}, { bearer: [] }]],
    )
    assert.ok(responses['409'] && responses['201'].content['application/json'].schema.properties.guest_token)
    assert.equal(components.securitySchemes.guest.name, 'Authorization')
    const open = Object.entries<Record<string, { security?: object[] }>>(paths).flatMap(([path, methods]) =>
      Object.entries(methods).flatMap(([method, { security = [] }]) =>
        security.some((one) => 'guest' in one) ? [`${method} ${path}`] : [],
      ),
    )
    assert.deepEqual(open.toSorted(), [
      'delete /orders/{id}/contact',
      ...['get /orders/{id}', 'get /orders/{id}/events', 'get /orders/{id}/history', 'get /orders/{id}/returns'],
      ...['post /orders/{id}/cancel', 'post /orders/{id}/payment', 'post /orders/{id}/returns'],
      'post /orders/{id}/returns/{return_id}/withdraw',
      'put /orders/{id}/shipping-address',
    ])
  })

  test('nothing of his link is kept, anywhere', async () => {
    const { guest_token: link } = await shop.ordered()
    const tables = await shop.service.db<{ name: string }[]>`
      select table_name as name from information_schema.tables where table_schema = 'public'`
    for (const { name } of tables) {
      const rows = await shop.service.db`
        select from ${shop.service.db(name)} t where position(${link} in t::text) > 0`
      assert.equal(rows.length, 0, name)
    }
    const events = JSON.stringify(await shop.published(OrderPlaced))
    assert.ok(!events.includes(link))
  })
})

test('a secret that is followed by an older one makes links, and both open orders', async () => {
  const [old, both] = [guestLinks('o'.repeat(32))!, guestLinks(`${'n'.repeat(32)}, ${'o'.repeat(32)}`)!]
  const id = newId()
  assert.deepEqual([both.isOf(id, old.secretOf(id)), both.isOf(id, both.secretOf(id))], [true, true])
  assert.deepEqual([old.isOf(id, both.secretOf(id)), both.isOf(newId(), both.secretOf(id))], [false, false])
})

test('without GUEST_LINK_SECRET nobody orders as a guest', async () => {
  const shop = await startOrderShop()
  assert.equal((await shop.http('POST', '/orders', { body: guestBasket() })).status, 401)
  await shop.stop()
})
