import assert from 'node:assert/strict'
import { after, before, describe, test } from 'node:test'
import { StockAvailabilityChanged } from '@mart/contracts/events/inventory-events'
import { ProductPublished } from '@mart/contracts/events/product-events'
import { eventually, type Replica } from '@mart/service-kit/testing'
import { openShop, someSku, staff, tea } from './shop.ts'

describe('two replicas of the product service', () => {
  let shop: Awaited<ReturnType<typeof openShop>>
  let other: Replica
  before(async () => {
    shop = await openShop()
    other = await shop.startReplica()
  })
  after(() => shop.stop())

  const atBoth = (path: string, body: unknown) =>
    Promise.all([shop, other].map(({ http }) => http('POST', path, { as: staff, body })))

  test('give a SKU that both are asked for to one product, and slugs apart', async () => {
    for (let n = 0; n < 10; n += 1) {
      const answers = await atBoth('/products', tea({ variants: [{ ...tea().variants![0]!, sku: someSku() }] }))
      assert.deepEqual(answers.map(({ status }) => status).toSorted(), [201, 409])
    }
    const answers = (
      await Promise.all(Array.from({ length: 5 }, () => atBoth('/categories', { name: 'Green' })))
    ).flat()
    assert.equal(new Set(answers.map(({ status, body }) => (status === 201 ? body.slug : status))).size, 10)
  })

  test('show a change at once, whichever took it: categories, facets and prices are kept in no memory', async () => {
    const category = await shop.addCategory('Coffee')
    const product = await shop.add({ name: 'Kenya AA', category_ids: [category.id] })
    const look = async () => (await other.http('GET', `/products/${product.slug}`)).body
    assert.deepEqual(
      (await look()).categories.map(({ name }: { name: string }) => name),
      ['Coffee'],
    )
    for (let amount = 1_000; amount <= 5_000; amount += 1_000) {
      const { version, variants } = await look()
      const prices = [{ amount, currency: 'PKR' }]
      const { sku, name, options } = variants[0]
      const changed = await shop.change(product.id, version, { variants: [{ sku, name, options, prices }] })
      assert.equal(changed.status, 200, JSON.stringify(changed.body))
      assert.deepEqual((await look()).variants[0].prices, prices)
    }
    await shop.call('PATCH', `/categories/${category.id}`, { name: 'Beans' })
    const named = async () => (await look()).categories[0].name === 'Beans'
    await eventually(named, 'its listing is made anew, by either of them')
  })

  test('show what the other has heard, and say each product once', async () => {
    const product = await shop.add()
    const { sku } = product.variants[0]
    await shop.consume(StockAvailabilityChanged, { sku, availability: 'low', available: 2 })
    const { body } = await other.http('GET', `/products/${product.slug}`)
    assert.equal(body.variants[0].availability, 'low')
    const said = (await shop.published(ProductPublished)).map(({ key }) => key)
    assert.equal(new Set(said).size, said.length)
  })
})
