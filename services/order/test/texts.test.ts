import assert from 'node:assert/strict'
import { after, before, describe, test } from 'node:test'
import { StockReserved } from '@mart/contracts/events/inventory-events'
import { OrderPlaced, OrderUndelivered } from '@mart/contracts/events/order-events'
import { ProductPublished } from '@mart/contracts/events/product-events'
import { UserErased } from '@mart/contracts/events/user-events'
import { newId } from '@mart/service-kit/ids'
import { startTestService, type TestPerson, type TestService } from '@mart/service-kit/testing'
import type { Config } from '../src/config.ts'
import { order } from '../src/main.ts'

const address = { name: 'Sana', line1: '1 Mall Road', city: 'Lahore', country: 'PK', phone: '+923001234567' }
const basket = (change: Record<string, unknown> = {}, shipTo: Record<string, unknown> = {}) => ({
  lines: [{ sku: 'RICE', quantity: 1 }],
  currency: 'PKR',
  payment_method: 'cash_on_delivery',
  shipping_address: { ...address, ...shipTo },
  ...change,
})

describe('what is written on an order', () => {
  let mart: TestService<Config>
  before(async () => {
    mart = await startTestService(order, { PAYMENT_METHODS: 'stripe,cash_on_delivery' })
    await mart.consume(ProductPublished, {
      product_id: newId(),
      version: 1,
      slug: 'rice',
      name: 'Rice',
      category_slugs: [],
      image_urls: [],
      variants: [{ sku: 'RICE', name: '', prices: [{ amount: 1000, currency: 'PKR' }] }],
    })
  })
  after(() => mart.stop())

  const place = (body: unknown, as: TestPerson = { id: newId() }) => mart.http('POST', '/orders', { as, body })
  const faultsOf = async (body: unknown) => {
    const answer = await place(body)
    assert.equal(answer.status, 422, JSON.stringify(answer.body))
    return answer.body.errors.map((error: { field: string; code: string }) => `${error.field} ${error.code}`)
  }

  test('a line is never dropped: every SKU is looked up, however it is counted', async () => {
    const unknown = (sku: string) => basket({ lines: [{ sku, quantity: 1 }] })
    assert.deepEqual(await faultsOf(unknown('x'.repeat(64))), ['lines[0].sku unknown_sku'])
    for (const sku of ['😀'.repeat(40), '😀'.repeat(64), 'é'.repeat(33)]) {
      assert.deepEqual(await faultsOf(unknown(sku)), ['lines[0].sku pattern'], sku)
    }
    const { body: told } = await place(unknown('😀'))
    assert.match(told.errors[0].message, /^must be letters a to z, digits, /)
    for (const sku of ['😀'.repeat(65), 'x'.repeat(65)]) {
      assert.ok((await faultsOf(unknown(sku))).includes('lines[0].sku maxLength'), sku)
    }
    const known = { sku: 'RICE', quantity: 1 }
    assert.deepEqual(await faultsOf(basket({ lines: [known, { sku: '😀'.repeat(40), quantity: 1 }] })), [
      'lines[1].sku pattern',
    ])
  })

  test('the address is kept as one writes it: trimmed, its phone as E.164', async () => {
    const { status, body } = await place(
      basket({ note: ' ring\r\ntwice ' }, { name: ' Sana ', phone: ' (0300) 123–4567', line2: '  ' }),
    )
    assert.equal(status, 201, JSON.stringify(body))
    assert.deepEqual(body.shipping_address, { ...address, line2: '' })
    assert.equal(body.note, 'ring\ntwice')
    const event = (await mart.published(OrderPlaced)).find(({ key }) => key === body.id)
    assert.equal(event?.data.contact.phone, '+923001234567')
  })

  test('every fault of an address is named', async () => {
    assert.deepEqual(
      (
        await faultsOf(
          basket(
            { note: 'a\u0007' },
            { name: 'Sa\nna', line1: '\u200b', line2: 'a\u2028b', city: '\u3164', country: 'ZZ', phone: '00000' },
          ),
        )
      ).toSorted(),
      [
        'note text',
        'shipping_address.city one_line',
        'shipping_address.country enum',
        'shipping_address.line1 one_line',
        'shipping_address.line2 one_line',
        'shipping_address.name one_line',
        'shipping_address.phone phone',
      ],
    )
  })

  test('a route for words that the customer reads says so, and he does read them', async () => {
    const { paths } = (await mart.http('GET', '/openapi.json')).body
    const { summary, requestBody } = paths['/orders/{id}/delivery-failures'].post
    for (const said of [summary, requestBody.content['application/json'].schema.properties.reason.description])
      assert.match(said, /the customer reads it/)
    const as = { id: newId() }
    const { id } = (await place(basket(), as)).body
    await mart.consume(StockReserved, { order_id: id })
    const tell = (what: string, body: object) =>
      mart.http('POST', `/orders/${id}/${what}`, { as: { id: newId(), role: 'staff' }, body })
    assert.equal((await tell('shipments', { carrier: 'TCS', tracking_number: '1' })).status, 200)
    assert.equal((await tell('delivery-failures', { reason: 'nobody at home' })).status, 200)
    const { items } = (await mart.http('GET', `/orders/${id}/history`, { as })).body
    assert.equal(items.at(-1).reason, 'nobody at home')
    assert.equal((await mart.published(OrderUndelivered)).at(-1)?.data.reason, 'nobody at home')
  })

  test('an order that was placed with another writing of its phone is read as it was', async () => {
    const as = { id: newId() }
    const { id } = (await place(basket(), as)).body
    await mart.service.db`
      update orders set shipping_address = shipping_address || '{"phone": "0300 1234567", "country": "XX"}' where id = ${id}`
    const { body } = await mart.http('GET', `/orders/${id}`, { as })
    assert.deepEqual([body.shipping_address.phone, body.shipping_address.country], ['0300 1234567', 'XX'])
  })

  test('who is erased is gone from the answers that were kept, his own and those of staff', async () => {
    const as = { id: newId() }
    const staff: TestPerson = { id: newId(), role: 'staff' }
    const stays = { id: newId() }
    const cancel = async (who: TestPerson, of: TestPerson) => {
      const { id } = (await place(basket({}, { line1: 'Forget Street' }), of)).body
      const headers = { 'idempotency-key': newId() }
      assert.equal((await mart.http('POST', `/orders/${id}/cancel`, { as: who, body: {}, headers })).status, 200)
    }
    await cancel(as, as)
    await cancel(staff, as)
    await cancel(stays, stays)
    const kept = () => mart.service.db`select scope from idempotency_keys where answer like '%Forget Street%'`
    assert.equal((await kept()).length, 3)
    await mart.consume(UserErased, { user_id: as.id, erased_at: new Date().toISOString() })
    assert.deepEqual(
      (await kept()).map(({ scope }) => scope.split(' ')[0]),
      [stays.id],
    )
  })
})
