import assert from 'node:assert/strict'
import { createServer, type IncomingMessage } from 'node:http'
import type { AddressInfo } from 'node:net'
import { json } from 'node:stream/consumers'
import { type TestContext, test } from 'node:test'
import { setImmediate as nextTurn } from 'node:timers/promises'
import { pictureUrl, readCatalogue } from '../src/catalogue/catalogue.ts'
import { seedCatalogue } from '../src/seed.ts'

const products = readCatalogue().flatMap((section) => section.products)
const variants = products.flatMap((product) => product.variants)
const admin = { email: 'admin@mart.local', password: 'not a secret' }
const wantedStock = Object.fromEntries(variants.filter(({ stock }) => stock > 0).map(({ sku, stock }) => [sku, stock]))

test('seeding fills the shelves a few calls at a time, and seeding again changes nothing', async (t) => {
  const mart = await standIn(t)
  const told: string[] = []
  for (const _ of ['first', 'again'])
    assert.deepEqual(await seedCatalogue({ ...mart, report: (text) => told.push(text) }), {
      products: products.length,
      skus: variants.length,
    })
  assert.deepEqual(Object.fromEntries(mart.stock), wantedStock)
  assert.equal(mart.shelves.products.size, products.length)
  const tea = mart.shelves.products.get('tapal-danedar')
  assert.deepEqual(
    [tea.status, tea.category_ids, tea.image_urls, tea.variants[1].prices],
    [
      'published',
      ['id-of-tea-and-coffee'],
      [pictureUrl('box-danedar.webp')],
      [
        { amount: 89900, currency: 'PKR' },
        { amount: 399, currency: 'USD' },
      ],
    ],
  )
  assert.equal(mart.shelves.categories.get('tea-and-coffee').parent_id, 'id-of-drinks')
  assert.ok(mart.most.atOnce <= 8, `${mart.most.atOnce} calls at once`)
  assert.deepEqual(told, [`${products.length} of ${products.length} demo products were there already`])
})

test('a seeding that breaks off says which call failed and why, and the next one goes on', async (t) => {
  for (const path of ['/categories', '/products', '/stock/TEA-TD-450/adjustments']) {
    const mart = await standIn(t)
    mart.breakAt(path, { times: Number.POSITIVE_INFINITY })
    await assert.rejects(seedCatalogue({ ...mart, patienceMs: 500 }), {
      name: 'MartFault',
      message: new RegExp(`POST \\S+${path} was answered 503 try_again: The database is away`),
    })
    mart.breakAt(path, { times: 0 })
    await seedCatalogue(mart)
    assert.deepEqual(Object.fromEntries(mart.stock), wantedStock)
  }
})

test('a service that is killed meanwhile is waited for, wherever it was', async (t) => {
  for (const path of ['/categories', '/products', '/stock/TEA-TD-450/adjustments'])
    for (const how of ['answers 503', 'hangs up', 'does it and hangs up'] as const) {
      const mart = await standIn(t)
      mart.breakAt(path, { times: 3, how })
      await seedCatalogue(mart)
      assert.deepEqual(Object.fromEntries(mart.stock), wantedStock, `${path} ${how}`)
    }
})

test('a SKU that inventory never hears of ends the seeding', async (t) => {
  const mart = await standIn(t, { deafTo: 'TEA-TD-450' })
  await assert.rejects(seedCatalogue({ ...mart, patienceMs: 200 }), /TEA-TD-450\S* was answered 404 unknown_sku/)
})

test('a token that grows old is renewed', async (t) => {
  t.mock.timers.enable({ apis: ['Date'], now: 0 })
  const mart = await standIn(t)
  mart.onProduct = () => t.mock.timers.tick(5_000)
  await seedCatalogue(mart)
  assert.ok(mart.tokens.length > 2)
  assert.deepEqual(Object.fromEntries(mart.stock), wantedStock)
})

interface StandInOptions {
  /** A SKU that inventory never hears of; of the teas it hears late, at the second call. */
  readonly deafTo?: string
}

type Reply = [status: number, body: unknown]

const hungUp: Reply = [0, null]

interface Break {
  readonly path: string
  times: number
  readonly how: 'answers 503' | 'hangs up' | 'does it and hangs up'
}

/** The few routes of user, product and inventory that seeding needs, in one server that keeps what it is given. */
async function standIn(t: TestContext, { deafTo }: StandInOptions = {}) {
  const shop = { ...emptyShelves(), ...emptyStockroom(deafTo) }
  const mart = {
    ...shop,
    tokens: [] as number[],
    most: { atOnce: 0 },
    admin,
    breakAt,
    onProduct: () => undefined as unknown,
  }
  let underWay = 0
  let breaking: Break = { path: '', times: 0, how: 'answers 503' }
  function breakAt(path: string, { times, how = 'answers 503' }: Omit<Break, 'path' | 'how'> & Partial<Break>) {
    breaking = { path, times, how }
  }

  async function answer(request: IncomingMessage): Promise<Reply> {
    const path = request.url!.split('?')[0]!
    // biome-ignore lint/suspicious/noExplicitAny: it is what came
    const body: any = request.method === 'POST' ? await json(request) : undefined
    if (path === '/auth/sign-in/email')
      return body.password === admin.password ? [200, { token: 'session' }] : [401, { message: 'Invalid password' }]
    if (path === '/auth/token') return [200, { token: `jwt-${mart.tokens.push(Date.now())}` }]
    const token = Number(request.headers.authorization?.replace('Bearer jwt-', ''))
    if (!(Date.now() - mart.tokens[token - 1]! < 5 * 60_000)) return [401, { code: 'not_signed_in', detail: 'Too old' }]
    const broken = path === breaking.path && request.method === 'POST' && breaking.times-- > 0 ? breaking.how : null
    if (broken === 'answers 503') return [503, { code: 'try_again', detail: 'The database is away' }]
    if (broken === 'hangs up') return hungUp
    if (path === '/products') mart.onProduct()
    const done = path.startsWith('/stock/')
      ? shop.answerStock(path, body, request.headers['idempotency-key'])
      : shop.answerShelves(path, body)
    return broken ? hungUp : done
  }

  const server = createServer(async (request, reply) => {
    mart.most.atOnce = Math.max(mart.most.atOnce, ++underWay)
    const [status, body] = await answer(request)
    await nextTurn() // so that calls overlap
    underWay--
    if (status === hungUp[0]) return request.socket.destroy()
    reply.writeHead(status, { 'content-type': 'application/json' }).end(JSON.stringify(body))
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  t.after(() => server.close())
  const address = `http://127.0.0.1:${(server.address() as AddressInfo).port}`
  return Object.assign(mart, { addresses: { user: address, product: address, inventory: address } })
}

function emptyShelves() {
  // biome-ignore lint/suspicious/noExplicitAny: what was sent is looked into by the tests
  const shelves = { categories: new Map<string, any>(), products: new Map<string, any>() }
  return {
    shelves,
    answerShelves(path: string, body: { slug: string } | undefined): Reply {
      const [, shelf, slug] = path.split('/') as [string, keyof typeof shelves, string]
      if (!body) return [200, shelves[shelf].get(slug)]
      if (shelves[shelf].has(body.slug)) return [409, { code: 'slug_taken', detail: 'The slug belongs to another' }]
      const kept = { ...body, id: `id-of-${body.slug}` }
      shelves[shelf].set(body.slug, kept)
      return [201, kept]
    },
  }
}

function emptyStockroom(deafTo: string | undefined) {
  const stock = new Map<string, number>()
  const askedFor = new Set<string>()
  const delivered = new Set<unknown>()
  return {
    stock,
    answerStock(path: string, body: { delta: number } | undefined, key: unknown): Reply {
      const sku = path.split('/')[2]!
      const isKnown = sku !== deafTo && (askedFor.has(sku) || !sku.startsWith('TEA-'))
      askedFor.add(sku)
      if (!isKnown) return [404, { code: 'unknown_sku', detail: `No product has the SKU ${sku}.` }]
      if (!body) return [200, { items: stock.has(sku) ? [{ sku }] : [] }]
      if (!delivered.has(key)) stock.set(sku, (stock.get(sku) ?? 0) + body.delta)
      delivered.add(key)
      return [201, {}]
    },
  }
}
