import assert from 'node:assert/strict'
import { after, before, describe, test } from 'node:test'
import { StockRefused, StockReserved } from '@mart/contracts/events/inventory-events'
import { OrderCancelled, OrderConfirmed, OrderPlaced, ReturnReceived } from '@mart/contracts/events/order-events'
import { newId } from '@mart/service-kit/ids'
import type { TestPerson } from '@mart/service-kit/testing'
import { type CartShop, type Sold, startCartShop } from './cart-fixture.ts'
import { basket } from './order-fixture.ts'

const inUrdu = { ur: { name: 'چائے، 450 گرام' } }
const named = { name: 'Tea, 450 g', translations: inUrdu }
const staff: TestPerson = { id: newId(), role: 'staff' }

describe('what an order calls its goods', () => {
  let shop: CartShop
  let translated: Sold
  let plain: Sold
  before(async () => {
    shop = await startCartShop()
    translated = await shop.sell({ namesInUrdu: { product: 'چائے', variant: '450 گرام' } })
    plain = await shop.sell()
  })
  after(() => shop.stop())

  const namesIn = (lines: { name: string; translations?: object }[]) =>
    lines.map(({ name, translations }) => ({ name, ...(translations && { translations }) }))
  const ordered = async (as: TestPerson) =>
    await shop.placed(basket({ lines: [translated, plain].map(({ sku }) => ({ sku, quantity: 2 })) }), as)
  const saidOf = async <Event extends typeof OrderPlaced | typeof OrderConfirmed | typeof OrderCancelled>(
    event: Event,
    id: string,
  ) => (await shop.published(event)).find(({ key }) => key === id)!.data

  test('it has in both languages, in its events too, as they were when it was placed', async () => {
    const as = { id: newId() }
    const { id, lines } = await ordered(as)
    assert.deepEqual(namesIn(lines), [named, { name: 'Tea, 450 g' }])
    await shop.consume(StockReserved, { order_id: id })
    for (const event of [OrderPlaced, OrderConfirmed] as const)
      assert.deepEqual(namesIn((await saidOf(event, id)).lines), [named, { name: 'Tea, 450 g' }])
    await translated.change({ amount: 20_000, namesInUrdu: { product: 'سبز چائے', variant: '1 کلو' } })
    assert.deepEqual(namesIn((await shop.http('GET', `/orders/${id}`, { as })).body.lines)[0], named)
    const [later] = (await ordered(as)).lines
    assert.deepEqual(later.translations, { ur: { name: 'سبز چائے، 1 کلو' } })
    await translated.change({ namesInUrdu: { product: 'چائے', variant: '450 گرام' } })
  })

  test('goes out in the language that it names, or else in that of the account', async () => {
    const as = { id: newId(), language: 'ur' }
    assert.equal((await ordered(as)).contact.language, 'ur')
    const inEnglish = basket({ lines: [{ sku: plain.sku, quantity: 1 }], contact: { language: 'en' } })
    assert.equal((await shop.placed(inEnglish, as)).contact.language, 'en')
    assert.equal((await ordered({ id: newId() })).contact.language, 'en')
  })

  test('is told of what stock could not give', async () => {
    const as = { id: newId() }
    const { id } = await ordered(as)
    await shop.consume(StockRefused, {
      order_id: id,
      missing: [{ sku: translated.sku, requested: 2, available: 0 }],
    })
    const missing = [{ sku: translated.sku, ...named }]
    assert.deepEqual((await shop.http('GET', `/orders/${id}`, { as })).body.missing, missing)
    assert.deepEqual((await saidOf(OrderCancelled, id)).missing, missing)
  })

  test('a return, what can still be sent back, its events and the history call them the same', async () => {
    const as = { id: newId() }
    const { id } = await ordered(as)
    await shop.consume(StockReserved, { order_id: id })
    const byStaff = (path: string, body: object) => shop.http('POST', path, { as: staff, body })
    await byStaff(`/orders/${id}/shipments`, { carrier: 'TCS', tracking_number: '1' })
    await byStaff(`/orders/${id}/deliveries`, {})
    const wanted = [translated, plain].map(({ sku }) => ({ sku, quantity: 1, reason: 'damaged' }))
    const { body: one } = await shop.http('POST', `/orders/${id}/returns`, { as, body: { lines: wanted } })
    const { returnable } = (await shop.http('GET', `/orders/${id}/returns`, { as })).body
    for (const lines of [one.lines, returnable.lines]) assert.deepEqual(namesIn(lines), [named, { name: 'Tea, 450 g' }])
    await byStaff(`/returns/${one.id}/approve`, {})
    const came = [{ sku: translated.sku, quantity: 1, condition: 'sellable' }]
    const { body } = await byStaff(`/returns/${one.id}/receive`, { lines: came })
    assert.deepEqual(body.received, came)
    const said = (await shop.published(ReturnReceived)).find(({ key }) => key === id)!.data
    assert.deepEqual([namesIn(said.lines)[0], said.received], [named, came])
    const { items } = (await shop.http('GET', `/orders/${id}/history`, { as })).body
    const told = (what: string) => {
      const { reason, translations } = items.find((line: { what: string }) => line.what === what)
      return [reason, translations?.ur?.reason]
    }
    assert.deepEqual(told('return_requested'), ['1 × Tea, 450 g, 1 × Tea, 450 g', '1 × چائے، 450 گرام، 1 × Tea, 450 g'])
    assert.deepEqual(told('return_received'), ['1 × Tea, 450 g', '1 × چائے، 450 گرام'])
    assert.deepEqual(told('staff_ships'), ['TCS 1', undefined])
  })
})
