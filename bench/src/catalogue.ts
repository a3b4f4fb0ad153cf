import type { RunningMart } from '@mart/local/mart-file'
import { call } from '@mart/local/shopper'
import { type LoadResult, load } from './load.ts'
import { against, type Line, ms, rate } from './table.ts'
import { helloPerSecond } from './yardsticks.ts'

interface CatalogueRun {
  readonly firstPage: LoadResult
  readonly deepPage: LoadResult
  readonly search: LoadResult
  readonly detail: LoadResult
}

const DEEP_PAGE = 1_000
const CONNECTIONS = 32
const SECONDS = 5

export async function catalogueLines(
  mart: RunningMart,
  { products, say }: { products: number; say: (line: string) => void },
): Promise<Line[]> {
  say(`catalogue of ${products} products`)
  const hello = { name: 'hello', perSecond: await helloPerSecond(SECONDS) }
  const { firstPage, deepPage, search, detail } = await catalogueRun(mart, SECONDS)
  const times = firstPage.perSecond / deepPage.perSecond
  return [
    { what: `yardstick: bare Fastify hello (${products} products)`, value: rate(hello.perSecond) },
    against(`listing, page 1 of ${products}`, firstPage.perSecond, hello, 0.2),
    {
      what: `listing, page ${Math.min(1_000, products / 20)} of ${products}`,
      value: rate(deepPage.perSecond),
      ratio: `costs ${times.toFixed(2)} × page 1`,
      wanted: '≤ 1.5',
      isReached: times <= 1.5,
    },
    { what: `search "chiken masla" in ${products}`, value: `${rate(search.perSecond)}, p99 ${ms(search.p99Ms)}` },
    { what: `one product of ${products}`, value: rate(detail.perSecond) },
  ]
}

/** What shoppers read: the first page of 20, page 1,000 (or the last one), a search with a typing error, one product. */
async function catalogueRun(mart: RunningMart, seconds: number): Promise<CatalogueRun> {
  const products = `${mart.addresses.product}/products`
  const read = (url: string) => load({ url, connections: CONNECTIONS, seconds })
  const first = await call(`${products}?limit=20`, 'GET')
  const cursor = await cursorOfPage(products, DEEP_PAGE)
  return {
    firstPage: await read(`${products}?limit=20`),
    deepPage: await read(`${products}?limit=20&cursor=${cursor}`),
    search: await read(`${products}?limit=20&q=chiken%20masla`),
    detail: await read(`${products}/${first.body.items[0].id}`),
  }
}

/** Walks there a hundred products at a time; with fewer pages, the last one. */
async function cursorOfPage(products: string, page: number): Promise<string> {
  let cursor = ''
  for (let skipped = 0; skipped < (page - 1) * 20; skipped += 100) {
    const { body } = await call(`${products}?limit=100${cursor && `&cursor=${cursor}`}`, 'GET')
    if (!body.next_cursor) break
    cursor = body.next_cursor
  }
  return cursor
}
