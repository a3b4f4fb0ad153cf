import assert from 'node:assert/strict'
import { after, before, beforeEach, describe, test } from 'node:test'
import type { PublishedProduct } from '@mart/contracts/events/product-events'
import { inTransaction } from '@mart/service-kit/postgres'
import { learnProducts, unlearnProducts } from '../src/use-cases/learn-products.ts'
import { type OrderShop, startOrderShop } from './order-fixture.ts'

/** Products that are heard together, as after an import. */
describe('the order service’s copy of the catalogue', () => {
  let mart: OrderShop
  before(async () => {
    mart = await startOrderShop()
  })
  after(() => mart.stop())
  beforeEach(() => mart.service.db`truncate catalogue_skus, catalogue_products cascade`)

  const tea = '00000000-0000-4000-8000-000000000001'
  const rice = '00000000-0000-4000-8000-000000000002'
  const product = (product_id: string, version: number, ...skus: string[]): PublishedProduct => ({
    ...{ product_id, version, slug: 'any', name: `name ${version}`, category_slugs: [], image_urls: [] },
    variants: skus.map((sku) => ({ sku, name: '', prices: [{ amount: version, currency: 'PKR' }] })),
  })
  const learn = (...products: PublishedProduct[]) => inTransaction(mart.service.db, (tx) => learnProducts(tx, products))
  const shelves = async () => {
    const rows = await mart.service.db<{ sku: string; product_id: string; name: string; for_sale: boolean }[]>`
      select sku, product_id, name, for_sale from catalogue_skus order by sku`
    return rows.map(({ sku, product_id, name, for_sale }) =>
      [sku, product_id === tea ? 'tea' : 'rice', name, for_sale ? 'for sale' : 'gone'].join(', '),
    )
  }

  test('of a product told twice the higher version stands, whatever came first', async () => {
    await learn(product(tea, 1, 'A'), product(rice, 7, 'R'), product(tea, 3, 'A', 'B'), product(tea, 2, 'C'))
    const now = ['A, tea, name 3, for sale', 'B, tea, name 3, for sale', 'R, rice, name 7, for sale']
    assert.deepEqual(await shelves(), now)
    await learn(product(tea, 3, 'Z'), product(tea, 1, 'Z'), product(rice, 6, 'Z'))
    assert.deepEqual(await shelves(), now)
  })

  test('what a product no longer has is no longer for sale, beside others that are new', async () => {
    await learn(product(tea, 1, 'A', 'B'))
    await learn(product(rice, 1, 'R'), product(tea, 2, 'B'))
    assert.deepEqual(await shelves(), ['A, tea, name 1, gone', 'B, tea, name 2, for sale', 'R, rice, name 1, for sale'])
    await inTransaction(mart.service.db, (tx) => unlearnProducts(tx, [product(rice, 2, 'R'), product(tea, 3, 'B')]))
    assert.deepEqual(await shelves(), ['A, tea, name 1, gone', 'B, tea, name 3, gone', 'R, rice, name 2, gone'])
  })

  test('a SKU that goes from one product to another belongs to the one that was told of last', async () => {
    await learn(product(tea, 1, 'A', 'B'), product(rice, 1, 'a'))
    assert.deepEqual(await shelves(), ['B, tea, name 1, for sale', 'a, rice, name 1, for sale'])
    await learn(product(rice, 2, 'R'), product(tea, 2, 'A', 'B'))
    assert.deepEqual(await shelves(), [
      'A, tea, name 2, for sale',
      'B, tea, name 2, for sale',
      'R, rice, name 2, for sale',
    ])
  })
})
