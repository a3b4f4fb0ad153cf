import assert from 'node:assert/strict'
import { cpSync, mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, before, describe, test } from 'node:test'
import { pathToFileURL } from 'node:url'
import { newId } from '@mart/service-kit/ids'
import { migrate } from '@mart/service-kit/migrate'
import { connectDatabase } from '@mart/service-kit/postgres'
import { createTestDatabase, eventually, startTestService } from '@mart/service-kit/testing'
import { synonymProblems } from '../src/config.ts'
import { product } from '../src/main.ts'
import { openShop, someSku } from './shop.ts'

let shop: Awaited<ReturnType<typeof openShop>>
before(async () => {
  shop = await openShop({ SEARCH_SYNONYMS: 'gizmo, thingamajig\nbevvy => beer' })
  const snacks = await shop.addCategory('Snacks')
  const add = (name: string, size = 'one', more: object = {}) =>
    shop.add({ name, variants: [{ sku: someSku(), name: size, prices: [{ amount: 1, currency: 'PKR' }] }], ...more })
  await add('Kitchen Knives')
  await add('Baby Nappies')
  await add('Tin Boxes')
  await add('White Sugar (Cheeni)', '1 kg')
  await add('چینی', '1000 g', { slug: 'urdu-sugar' })
  await add('Full Cream Milk', '1 litre carton')
  await add('Milk Chocolate', '450 g')
  await add('Coca-Cola', '1.5 L', { description: 'A fizzy drink.' })
  await add('7 Up', '250ml')
  await add('Milkpak')
  await add('Chakki Atta', '10kg', { description: 'Flour of wheat.' })
  await add('Masoor Daal')
  await add('Tapal Danedar', '۴۵۰ گرام')
  await add('Toothpaste')
  await add('Salted Chips', 'one', { category_ids: [snacks.id], description: 'Made with milk powder.' })
  await add('Ginger Beer')
  await add('Gizmo')
  await add('Super Gizmo Deluxe')
  await shop.add({
    name: 'SKU holder',
    variants: [{ sku: 'XYZ-77-B', name: 'gizmo', prices: [{ amount: 1, currency: 'PKR' }] }],
  })
})
after(() => shop.stop())

const found = (query: string, more = '') => shop.names(`q=${encodeURIComponent(query)}${more}`)
const first = async (query: string) => (await found(query))[0]

describe('a search finds', () => {
  for (const [query, name] of [
    ['something to make with the atta', 'Chakki Atta'],
    ['a knife for the kitchen', 'Kitchen Knives'],
    ['nappy', 'Baby Nappies'],
    ['box', 'Tin Boxes'],
    ['چيني', 'چینی'],
    ['ﭼﯿﻨﯽ', 'چینی'],
    ['sugar 1000g', 'White Sugar (Cheeni)'],
    ['milk 1l', 'Full Cream Milk'],
    ['milk 1 ltr', 'Full Cream Milk'],
    ['chocolate 450gm', 'Milk Chocolate'],
    ['cocacola', 'Coca-Cola'],
    ['coca cola 1500 ml', 'Coca-Cola'],
    ['7up', '7 Up'],
    ['7 up', '7 Up'],
    ['milk pak', 'Milkpak'],
    ['milkpak', 'Milkpak'],
    ['tooth paste', 'Toothpaste'],
    ['dal', 'Masoor Daal'],
    ['aata', 'Chakki Atta'],
    ['mlik', 'Full Cream Milk'],
    ['dudh', 'Full Cream Milk'],
    ['دودھ', 'Full Cream Milk'],
    ['danedar 450g', 'Tapal Danedar'],
    ['ٹپال', 'Tapal Danedar'],
    ['thingamajig', 'Gizmo'],
    ['bevvy', 'Ginger Beer'],
    ['xyz-77', 'SKU holder'],
    ['XYZ 77 B', 'SKU holder'],
    ['77-b', 'SKU holder'],
  ] as const)
    test(`${name} by "${query}"`, async () => assert.equal(await first(query), name))
})

describe('a search', () => {
  test('puts the name itself first, and what a thing is before what it is made of', async () => {
    assert.deepEqual((await found('gizmo')).slice(0, 3), ['Gizmo', 'Super Gizmo Deluxe', 'SKU holder'])
    assert.deepEqual((await found('milk')).slice(0, 2), ['Full Cream Milk', 'Milk Chocolate'])
  })

  test('by words that say nothing finds nothing', async () => {
    for (const query of ['the', 'something for me', 'a', 'کے لیے']) assert.deepEqual(await found(query), [], query)
  })

  test('for what is not sold finds nothing, also when a part of it is mentioned somewhere', async () => {
    for (const query of ['laptop', 'iphone charger', 'dog food', 'powder keg wagon'])
      assert.deepEqual(await found(query), [], query)
  })

  test('is content with some of the words when nothing has all', async () => {
    assert.deepEqual(await found('nestle nappies'), ['Baby Nappies'])
    assert.deepEqual((await found('salted milk')).slice(0, 3).toSorted(), [
      'Full Cream Milk',
      'Milk Chocolate',
      'Salted Chips',
    ])
  })

  test('that a filter leaves nothing of says so', async () => {
    assert.deepEqual(await found('baby nappies', '&category=snacks'), [])
    assert.deepEqual(await found('baby nappies', '&currency=PKR&min_price=2'), [])
    assert.deepEqual(await found('nestle chips', '&category=snacks'), ['Salted Chips'])
  })

  test('with fewer words comes page by page, too, and in every sorting', async () => {
    for (const more of ['', '&sort=name', '&sort=price&currency=PKR', '&sort=newest']) {
      const whole = await found('nestle gizmo', more)
      assert.equal(whole.length, 3)
      const paged: string[] = []
      let cursor = ''
      do {
        const { body } = await shop.http(
          'GET',
          `/products?q=nestle gizmo&limit=1${more}${cursor && `&cursor=${cursor}`}`,
        )
        paged.push(...body.items.map(({ name }: { name: string }) => name))
        cursor = body.next_cursor
      } while (cursor)
      assert.deepEqual(paged, whole, more)
    }
  })

  test('for a word that many are called by comes page by page in one order', async () => {
    for (const name of ['Sun Shade', 'Eye Shade']) await shop.add({ name })
    const names = ['Desk Lamp', 'Lamp', 'Lamp Shade', 'Lamp (Lamp)', 'Floor Lamp', 'Old Lamp', 'Candle']
    for (const name of names)
      await shop.add({ name, ...(name === 'Candle' ? { description: 'Lit like a lamp.' } : {}) })
    await shop.add({ name: 'New Lamp', status: 'draft' })
    for (const query of ['lamp', 'xyzzyq lamp']) {
      const whole = await found(query, '&limit=50')
      assert.deepEqual(whole.toSorted(), names.filter((name) => query === 'lamp' || name !== 'Candle').toSorted())
      for (const limit of [1, 2, 3]) {
        const paged: string[] = []
        let cursor = ''
        do {
          const { body } = await shop.http('GET', `/products?q=${query}&limit=${limit}${cursor && `&cursor=${cursor}`}`)
          paged.push(...body.items.map(({ name }: { name: string }) => name))
          cursor = body.next_cursor
        } while (cursor && paged.length <= whole.length)
        assert.deepEqual(paged, whole, `${query}, ${limit} a page`)
      }
    }
    assert.equal((await found('lamp'))[0], 'Lamp')
    const [shade] = (await shop.http('GET', '/products?q=lamp shade')).body.items
    await shop.change(shade.id, 1, { name: 'Shady Lamp (Lamp)' })
    assert.equal((await found('lamp', '&limit=3')).includes('Shady Lamp (Lamp)'), true)
    assert.deepEqual(await found('shade', '&limit=1'), ['Eye Shade'])
    await shop.retire(shade.id, 2)
    assert.equal((await found('lamp', '&limit=3')).includes('Shady Lamp (Lamp)'), false)
  })

  test('counts what it finds', async () => {
    const { body } = await shop.http('GET', '/products?q=nestle chips&facets=true&currency=PKR')
    assert.deepEqual(body.facets, {
      categories: [{ slug: 'snacks', name: 'Snacks', name_language: 'en', count: 1 }],
      price: { min: 1, max: 1 },
    })
  })

  test('refuses a cursor with a level that there is none of', async () => {
    for (const level of ['x', '99', '-1', '']) {
      const cursor = Buffer.from(JSON.stringify([`relevance~${level}`, 1, newId()])).toString('base64url')
      assert.equal((await shop.http('GET', `/products?q=milk&cursor=${cursor}`)).status, 400, level)
    }
    const cursor = Buffer.from(JSON.stringify(['relevance~9', 1, newId()])).toString('base64url')
    assert.equal((await shop.http('GET', `/products?q=milk&cursor=${cursor}`)).status, 200)
  })

  test('takes whatever is typed', async () => {
    const queries = [
      "'",
      '\\',
      ':*',
      '&|!<->()',
      '😀',
      '\u200b',
      "o'",
      'a'.repeat(200),
      '1/0 kg',
      '%',
      '= #',
      '١'.repeat(99),
    ]
    for (const query of queries) assert.ok(Array.isArray(await found(query)), query)
    assert.ok(Array.isArray(await found(Array.from({ length: 40 }, (_, n) => `w${n}`).join(' '))))
  })
})

test('bad synonyms are a problem of the settings, which names the line', () => {
  assert.match(synonymProblems({ SEARCH_SYNONYMS: 'milk, doodh\nsugar' })[0]!, /SEARCH_SYNONYMS: line 2, "sugar"/)
  assert.deepEqual(synonymProblems({ SEARCH_SYNONYMS: 'milk, doodh; sugar => gur' }), [])
})

test('a shop of an older version is found in again once its listings were renewed', async () => {
  const database = await createTestDatabase()
  const old = mkdtempSync(join(tmpdir(), 'mart-old-product-'))
  cpSync(new URL('../migrations/0001-products.sql', import.meta.url), join(old, '0001-products.sql'))
  const db = connectDatabase(database.url, { max: 1, applicationName: 'test' })
  await migrate(db, 'product', pathToFileURL(`${old}/`))
  const id = newId()
  const variants = [100, 300].map((amount) => ({
    id: newId(),
    sku: `OLD-${amount}`,
    name: '1 kg',
    options: {},
    prices: [{ amount, currency: 'PKR' }],
  }))
  await db`insert into products values (${id}, 'old', 'Old Tomatoes', '', 'published', '{}', ${db.json(variants)}, 1, now(), now())`
  await db`insert into listings values (${id}, 'published', 1, 'out', '''old'':1A ''tomatoes'':2A', '{}')`
  await db`insert into shelf_places values ('00000000-0000-0000-0000-000000000000', 'published', ${id}, 'old tomatoes')`
  await db`insert into shelf_prices values ('00000000-0000-0000-0000-000000000000', 'published', 'PKR', ${id}, 100)`
  await migrate(db, 'product', new URL('../migrations/', import.meta.url))
  assert.deepEqual(
    [...(await db`select sort_name, amount from shelf_prices`)],
    [{ sort_name: 'old tomatoes', amount: 100 }],
  )
  assert.deepEqual([...(await db`select status, count from shelf_counts`)], [{ status: 'published', count: 1 }])
  assert.deepEqual(
    [...(await db`select word, status, product_id from head_words`)],
    [
      { word: 'old', status: 'published', product_id: id },
      { word: 'tomatoes', status: 'published', product_id: id },
    ],
  )
  await db.end()
  const upgraded = await startTestService(product, { DATABASE_URL: database.url })
  const names = async (query: string) =>
    (await upgraded.http('GET', `/products?${query}`)).body.items.map(({ name }: { name: string }) => name)
  await eventually(async () => (await names('q=tomato 1000 g')).length === 1, 'it is found by its new words')
  assert.deepEqual(await names('q=tomatos&currency=PKR&min_price=300'), ['Old Tomatoes'])
  assert.deepEqual(await names('sort=name&currency=PKR&min_price=300'), ['Old Tomatoes'])
  await upgraded.stop()
  await database.drop()
  rmSync(old, { recursive: true })
})
