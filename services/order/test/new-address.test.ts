import assert from 'node:assert/strict'
import { after, before, describe, test } from 'node:test'
import { StockReserved } from '@mart/contracts/events/inventory-events'
import { OrderAddressChanged, OrderShipped } from '@mart/contracts/events/order-events'
import { newId } from '@mart/service-kit/ids'
import type { TestPerson } from '@mart/service-kit/testing'
import { type GuestShop, startGuestShop } from './guest-fixture.ts'
import { address, basket } from './order-fixture.ts'

const staff: TestPerson = { id: newId(), role: 'staff' }
const parcel = { carrier: 'TCS', tracking_number: '1' }
const elsewhere = { ...address, line1: '7 Canal Road', city: 'Multan' }

describe('an order goes elsewhere', () => {
  let shop: GuestShop
  before(async () => {
    shop = await startGuestShop({
      COD_CITIES: 'Lahore,Multan',
      SHIPPING_RATES: 'PKR:25000',
      MAX_OPEN_ORDERS: '1000',
    })
  })
  after(() => shop.stop())

  const proven = (): TestPerson => ({ id: newId(), emailVerified: true })
  const change = (id: string, as: TestPerson, body: unknown, headers = {}) =>
    shop.http('PUT', `/orders/${id}/shipping-address`, { as, body, headers })
  const said = async (id: string) => (await shop.published(OrderAddressChanged)).filter(({ key }) => key === id)
  const whatHappened = async (id: string) =>
    (await shop.http('GET', `/orders/${id}/history`, { as: staff })).body.items.map(
      ({ what }: { what: string }) => what,
    )

  test('its buyer changes the address: kept as at the order, in its history, said once, found by it', async () => {
    const as = proven()
    const { id } = await shop.placed(basket(), as)
    const sent = { ...elsewhere, name: '  Bushra ', phone: '0300-7654321', line2: '' }
    const answer = await change(id, as, sent)
    assert.equal(answer.status, 200, JSON.stringify(answer.body))
    const kept = { ...sent, name: 'Bushra', phone: '+923007654321' }
    assert.deepEqual(answer.body.shipping_address, kept)
    assert.deepEqual((await shop.http('GET', `/orders/${id}`, { as })).body.shipping_address, kept)
    assert.deepEqual(await whatHappened(id), ['placed', 'address_changed'])
    const [event, ...more] = await said(id)
    assert.deepEqual([event?.data.shipping_address, event?.data.number, more], [kept, answer.body.number, []])
    const found = async (q: string) =>
      (await shop.http('GET', `/orders?q=${encodeURIComponent(q)}`, { as: staff })).body.items.map(
        (one: { id: string }) => one.id,
      )
    assert.deepEqual(await found('0300 7654321'), [id])
    assert.ok(!(await found('0300 1234567')).includes(id))
  })

  test('the same address again changes nothing, with a key or without, also once it is shipped', async () => {
    const as = proven()
    const { id } = await shop.placed(basket(), as)
    const headers = { 'idempotency-key': newId() }
    for (const _ of [1, 2]) assert.equal((await change(id, as, elsewhere, headers)).status, 200)
    assert.equal((await change(id, as, { ...elsewhere, region: '' })).status, 200)
    await shop.consume(StockReserved, { order_id: id })
    await shop.http('POST', `/orders/${id}/shipments`, { as: staff, body: parcel })
    assert.equal((await change(id, as, elsewhere)).status, 200)
    assert.equal((await said(id)).length, 1)
  })

  test('a guest does it with his link, staff for anybody; nobody else', async () => {
    const { id, guest_token: link } = await shop.ordered()
    assert.equal((await shop.ask(link, 'PUT', `/orders/${id}/shipping-address`, elsewhere)).status, 200)
    assert.equal((await change(id, staff, { ...elsewhere, line1: '8 Canal Road' })).status, 200)
    const other = (await shop.ordered()).guest_token
    assert.equal((await shop.ask(other, 'PUT', `/orders/${id}/shipping-address`, address)).status, 404)
    assert.equal((await change(id, proven(), address)).status, 404)
    assert.equal((await shop.http('PUT', `/orders/${id}/shipping-address`, { body: address })).status, 401)
    assert.equal((await said(id)).length, 2)
    const by = (await shop.ask(link, 'GET', `/orders/${id}/history`)).body.items.map(
      (line: { by: { who: string } }) => line.by.who,
    )
    assert.deepEqual(by, ['you', 'you', 'shop'])
  })

  test('what is no address is refused as at the order, every fault at once', async () => {
    const as = proven()
    const { id } = await shop.placed(basket(), as)
    const { line1: _, ...rest } = elsewhere
    const { status, body } = await change(id, as, { ...rest, phone: '12', country: 'ZZ', city: 'a\nb', total: 1 })
    assert.equal(status, 422)
    assert.deepEqual(
      body.errors.map(({ field, code }: { field: string; code: string }) => `${field} ${code}`).toSorted(),
      ['city one_line', 'country enum', 'line1 required', 'phone phone', 'total unknown_field'],
    )
    assert.equal((await said(id)).length, 0)
  })

  test('where cash is not taken, or what is cancelled or shipped does not go any more: nothing is changed', async () => {
    const as = proven()
    const { id } = await shop.placed(basket(), as)
    const far = await change(id, as, { ...elsewhere, city: 'Quetta' })
    assert.deepEqual([far.status, far.body.code], [422, 'payment_method_unavailable'])
    await shop.consume(StockReserved, { order_id: id })
    await shop.http('POST', `/orders/${id}/shipments`, { as: staff, body: parcel })
    for (const whose of [as, staff]) {
      const late = await change(id, whose, elsewhere)
      assert.deepEqual([late.status, late.body.code], [409, 'address_settled'])
    }
    const other = await shop.placed(basket({ payment_method: 'stripe' }), as)
    await shop.http('POST', `/orders/${other.id}/cancel`, { as, body: {} })
    assert.equal((await change(other.id, as, elsewhere)).status, 409)
    assert.deepEqual((await shop.http('GET', `/orders/${id}`, { as })).body.shipping_address.city, 'Lahore')
    assert.equal((await said(id)).length, 0)
  })

  test('into another country for the same charge; when the charge is another one, the agreed one counts', async () => {
    const as = proven()
    const abroad = { ...elsewhere, country: 'AE', city: 'Dubai', phone: '+971501234567' }
    const { id } = await shop.placed(basket({ payment_method: 'stripe' }), as)
    const there = await change(id, as, abroad)
    assert.equal(there.status, 200, JSON.stringify(there.body))
    const dearer = await shop.placed(basket({ payment_method: 'stripe' }), as)
    await shop.service.db`update orders set shipping = 10000, subtotal = subtotal + 15000 where id = ${dearer.id}`
    const refused = await change(dearer.id, as, abroad)
    assert.deepEqual([refused.status, refused.body.code], [409, 'delivery_charge_differs'])
    assert.equal((await change(dearer.id, as, elsewhere)).status, 200)
  })

  test('at the moment when it is shipped: before it or not at all', async () => {
    for (let round = 0; round < 15; round += 1) {
      const as = proven()
      const { id } = await shop.placed(basket(), as)
      await shop.consume(StockReserved, { order_id: id })
      const [changed, shipped] = await Promise.all([
        change(id, as, elsewhere),
        shop.http('POST', `/orders/${id}/shipments`, { as: staff, body: parcel }),
      ])
      assert.equal(shipped.status, 200)
      const isBefore = changed.status === 200
      assert.equal(shipped.body.shipping_address.city, isBefore ? 'Multan' : 'Lahore')
      assert.deepEqual(
        (await whatHappened(id)).slice(2),
        isBefore ? ['address_changed', 'staff_ships'] : ['staff_ships'],
      )
    }
    assert.ok((await shop.published(OrderShipped)).length >= 15)
  })
})
