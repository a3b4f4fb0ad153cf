import { call } from '@mart/demo/shopper'
import type { RunningMart } from '@mart/local/mart-file'
import { type LoadResult, load } from './load.ts'
import { BRANDS, brandOf, commonWords, departments, shelves } from './shelves.ts'
import { against, type Line, ms, rate } from './table.ts'
import { helloPerSecond } from './yardsticks.ts'

const CONNECTIONS = 32
const SECONDS = 5
/** From here on a figure may be so much lower. */
const MANY_PRODUCTS = 1_000_000
const SHARE_OF_MANY = 0.6

/** What shoppers read. Those who ask the same at the same time share an answer, so each request asks something else. */
export async function catalogueLines(
  mart: RunningMart,
  { products, say }: { products: number; say: (line: string) => void },
): Promise<Line[]> {
  say(`catalogue of ${products} products`)
  const url = `${mart.addresses.product}/products`
  const { ids, cursors } = await walk(url, products)
  const hello = { name: 'hello', perSecond: await helloPerSecond(SECONDS) }
  const share = products >= MANY_PRODUCTS ? SHARE_OF_MANY : 1
  const of = (what: string) => `${what}, of ${products.toLocaleString('en')}`
  const read = async (path: () => string): Promise<LoadResult> => {
    const result = await load({ url, connections: CONNECTIONS, seconds: SECONDS, path: () => `/products${path()}` })
    if (result.bad > 0) throw new Error(`${result.bad} requests like ${path()} were not answered`)
    return result
  }
  const ratio = async (what: string, path: () => string, atLeast: number): Promise<Line> =>
    against(of(what), (await read(path)).perSecond, hello, round(atLeast * share))
  const figure = async (
    what: string,
    path: () => string,
    { atLeast, p99Ms = Number.POSITIVE_INFINITY }: { atLeast?: number; p99Ms?: number },
  ): Promise<Line> => {
    const result = await read(path)
    const value = `${rate(result.perSecond)}, p50 ${ms(result.p50Ms)}, p99 ${ms(result.p99Ms)}`
    if (atLeast === undefined) return { what: of(what), value }
    const limit = p99Ms / share
    const wanted = `≥ ${rate(atLeast * share)}${Number.isFinite(limit) ? `, p99 < ${ms(limit)}` : ''}`
    return { what: of(what), value, wanted, isReached: result.perSecond >= atLeast * share && result.p99Ms < limit }
  }

  const page = (from: number, to: number) => () => `?limit=${someLimit()}&cursor=${cursors[between(from, to)]}`
  const twentieth = Math.ceil(cursors.length / 20)
  const first = await read(page(0, twentieth))
  const deep = await read(page(cursors.length - twentieth, cursors.length))
  const times = first.perSecond / deep.perSecond
  return [
    { what: of('yardstick: bare Fastify hello'), value: rate(hello.perSecond) },
    await ratio('the same first page asked by all', () => '?limit=20', 0.2),
    await ratio('distinct pages at any depth', page(0, cursors.length), 0.15),
    {
      what: of('distinct pages of the oldest twentieth'),
      value: rate(deep.perSecond),
      ratio: `costs ${times.toFixed(2)} × those of the newest twentieth`,
      wanted: '≤ 1.2',
      isReached: times <= 1.2,
    },
    await ratio(
      'distinct category and sorting',
      () => `?limit=${someLimit()}&category=${someShelf()}${someSort()}`,
      0.15,
    ),
    await ratio('distinct product', () => `/${one(ids)}`, 0.3),
    await figure('distinct price range and sorting', () => `?limit=20${someSort()}${someRange()}`, { atLeast: 1_500 }),
    await figure('search of distinct words, a third with a slip', () => `?limit=20&q=${someWords(products)}`, {
      atLeast: 1_500,
      p99Ms: 60,
    }),
    await figure('search of a word that a sixth has', () => `?limit=${someLimit()}&q=${one(commonWords)}`, {
      atLeast: 1_000,
    }),
    await figure('distinct facets', () => `${page(0, cursors.length)()}&facets=true&currency=PKR`, { atLeast: 500 }),
    await figure(
      'distinct facets of a category',
      () => `?limit=${someLimit()}&facets=true&category=${someShelf()}${someSort()}`,
      {
        atLeast: 500,
      },
    ),
    await figure(
      'distinct facets of a search',
      () => `?limit=20&facets=true&currency=PKR&q=${someWords(products)}`,
      {},
    ),
    await figure('distinct facets of a price range', () => `?limit=20&facets=true${someSort()}${someRange()}`, {}),
  ]
}

const round = (value: number): number => Math.round(value * 1_000) / 1_000
const between = (from: number, to: number): number => from + Math.floor(Math.random() * (to - from))
const one = <Item>(items: readonly Item[]): Item => items[between(0, items.length)]!

/** Twenty on average. */
const someLimit = (): number => between(10, 31)
const someShelf = (): string => one([...departments, ...shelves])
const someSort = (): string => `&sort=${one(['newest', 'name', 'price', '-price'])}&currency=PKR`

function someRange(): string {
  const [min, max] = [between(10_000, 910_000), between(10_000, 910_000)].sort((a, b) => a - b)
  return `&min_price=${min}&max_price=${max}`
}

function someWords(products: number): string {
  const brand = brandOf(between(0, Math.min(products, BRANDS)))
  const letters = between(0, 3) > 0 ? brand : brand.slice(0, 2) + brand.slice(3)
  return `${letters}%20${one(commonWords)}`
}

/** Every product's id, the newest first, and the cursor behind each hundredth. */
async function walk(url: string, products: number): Promise<{ ids: string[]; cursors: string[] }> {
  const ids: string[] = []
  const cursors: string[] = []
  let cursor: string | null = ''
  while (cursor !== null && ids.length < products) {
    const { body } = await call(`${url}?limit=100${cursor && `&cursor=${cursor}`}`, 'GET')
    for (const { id } of body.items as { id: string }[]) ids.push(id)
    cursor = body.next_cursor
    if (cursor) cursors.push(cursor)
  }
  return { ids, cursors }
}
