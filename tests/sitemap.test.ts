import assert from 'node:assert/strict'
import { after, before, test } from 'node:test'
import { createBareApp } from '@mart/service-kit/http-server'
import { createMetrics } from '@mart/service-kit/metrics'
import { quietLogger, startTestService } from '@mart/service-kit/testing'
import { servicesAt } from '../apps/gateway/src/services-client.ts'
import { addSitemap } from '../apps/gateway/src/shop/sitemap.ts'
import { product } from '../services/product/src/main.ts'

const ORIGIN = 'https://mart.example'
const MOST_OF_A_MAP = 50_000

const openShelves = () => startTestService(product)
let shelves: Awaited<ReturnType<typeof openShelves>>
before(async () => {
  shelves = await openShelves()
})
after(() => shelves?.stop())

async function fillUpTo(count: number): Promise<void> {
  await shelves.service.db`
    insert into products
      (id, slug, name, description, status, image_urls, variants, version, created_at, updated_at)
    select gen_random_uuid(), 'tea-' || n, 'Tea', '', 'published', '{}', '[]', 1, now(), now()
    from generate_series((select count(*) from products) + 1, ${count}::int) n`
}

/** The addresses that each map of products names, as who has just come to know the shop reads them. */
async function mapsOfProducts(): Promise<string[][]> {
  const app = await createBareApp({ logger: quietLogger, metrics: createMetrics('gateway'), rateLimitPerMinute: null })
  const services = servicesAt({ product: shelves.service.url } as Parameters<typeof servicesAt>[0])
  addSitemap(app, { services, origin: ORIGIN, categoriesFor: async () => [] } as unknown as Parameters<
    typeof addSitemap
  >[1])
  try {
    const locationsIn = async (address: string) => {
      const { statusCode, body } = await app.inject(address.replaceAll('&amp;', '&').replace(ORIGIN, ''))
      assert.equal(statusCode, 200, body)
      return [...body.matchAll(/<loc>([^<]+)<\/loc>/g)].map(([, location]) => location!)
    }
    const maps: string[][] = []
    for (const address of await locationsIn('/sitemap.xml'))
      if (address.includes('/products.xml')) maps.push(await locationsIn(address))
    return maps
  } finally {
    await app.close()
  }
}

test('50,000 products fill one map of the site, and one more begins the next: each product is in one of them, once', async () => {
  const every = (count: number) => Array.from({ length: count }, (_, n) => `${ORIGIN}/p/tea-${n + 1}`).sort()
  for (const [count, lengths] of [
    [MOST_OF_A_MAP, [MOST_OF_A_MAP]],
    [MOST_OF_A_MAP + 1, [MOST_OF_A_MAP, 1]],
  ] as const) {
    await fillUpTo(count)
    const maps = await mapsOfProducts()
    assert.deepEqual(
      maps.map(({ length }) => length),
      lengths,
    )
    assert.deepEqual(maps.flat().sort(), every(count))
  }
})
