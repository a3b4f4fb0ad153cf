import assert from 'node:assert/strict'
import { after, before, describe, test } from 'node:test'
import { StockAvailabilityChanged } from '@mart/contracts/events/inventory-events'
import { inTransaction, type Transaction } from '@mart/service-kit/postgres'
import { eventually, recordOf } from '@mart/service-kit/testing'
import { LISTING_FORM } from '../src/listing.ts'
import { addUpShelfCounts } from '../src/use-cases/add-up-shelf-counts.ts'
import { renewStaleListings } from '../src/use-cases/renew-stale-listings.ts'
import { customer, fieldsOf, openShop, someSku } from './shop.ts'

let shop: Awaited<ReturnType<typeof openShop>>
before(async () => {
  shop = await openShop()
})
after(() => shop.stop())

const priced = (prices: Record<string, number>, more: object = {}) => ({
  sku: someSku(),
  name: 'one',
  prices: Object.entries(prices).map(([currency, amount]) => ({ currency, amount })),
  ...more,
})

/** All names, page by page, and how many pages there were. */
async function walk(query: string): Promise<{ names: string[]; pages: number }> {
  const names: string[] = []
  let cursor: string | null = ''
  let pages = 0
  while (cursor !== null) {
    const { body } = await shop.http('GET', `/products?${query}${cursor ? `&cursor=${cursor}` : ''}`)
    names.push(...body.items.map((item: { name: string }) => item.name))
    cursor = body.next_cursor
    pages += 1
  }
  return { names, pages }
}

describe('a listing', () => {
  before(async () => {
    const food = await shop.addCategory('Food')
    const fruit = await shop.addCategory('Fruit', food.id)
    const toys = await shop.addCategory('Toys')
    const add = (name: string, category: { id: string }, ...variants: object[]) =>
      shop.add({ name, category_ids: [category.id], variants: variants as never })
    await add('Banana', fruit, priced({ PKR: 300, USD: 2 }), priced({ PKR: 200 }))
    await add('apple', fruit, priced({ PKR: 100 }))
    await add('Éclair', food, priced({ PKR: 300 }))
    await add('Doll', toys, priced({ USD: 5 }))
    await add('Car', toys, priced({ PKR: 50, USD: 1 }))
    await shop.add({ name: 'Hidden', status: 'draft', category_ids: [fruit.id] })
    const gone = await shop.add({ name: 'Gone', category_ids: [fruit.id] })
    await shop.retire(gone.id, 1)
  })

  test('shows what is published, the newest first', async () => {
    assert.deepEqual(await shop.names(), ['Car', 'Doll', 'Éclair', 'apple', 'Banana'])
  })

  test('of slugs has each published product once, in order, from any slug on', async () => {
    const slugs = async (query = '') => {
      const { status, body } = await shop.http('GET', `/products/slugs.json${query}`)
      assert.equal(status, 200)
      return body.items.map(({ slug }: { slug: string }) => slug)
    }
    assert.deepEqual(await slugs(), ['apple', 'banana', 'car', 'doll', 'eclair'])
    assert.deepEqual(await slugs('?after_slug=banana'), ['car', 'doll', 'eclair'])
    assert.deepEqual(await slugs('?after_slug=eclair'), [])
    assert.equal((await shop.http('GET', '/products/slugs.json?after_slug=a%20b')).status, 400)
  })

  test('is sorted by name without regard to case and accents', async () => {
    assert.deepEqual(await shop.names('sort=name'), ['apple', 'Banana', 'Car', 'Doll', 'Éclair'])
  })

  test('is sorted by the lowest price in a currency, showing what has one', async () => {
    assert.deepEqual(await shop.names('sort=price&currency=PKR'), ['Car', 'apple', 'Banana', 'Éclair'])
    assert.deepEqual(await shop.names('sort=-price&currency=USD'), ['Doll', 'Banana', 'Car'])
  })

  test('of a category shows what is below it too', async () => {
    assert.deepEqual(await shop.names('category=food&sort=name'), ['apple', 'Banana', 'Éclair'])
    assert.deepEqual(await shop.names('category=fruit&sort=price&currency=PKR'), ['apple', 'Banana'])
    assert.deepEqual(await shop.names('category=nowhere'), [])
  })

  test('is filtered by the price of any variant, and sorted by the lowest still', async () => {
    assert.deepEqual(await shop.names('currency=PKR&min_price=250'), ['Éclair', 'Banana'])
    assert.deepEqual(await shop.names('currency=PKR&min_price=250&sort=price'), ['Banana', 'Éclair'])
    assert.deepEqual(await shop.names('currency=PKR&min_price=250&sort=-price'), ['Éclair', 'Banana'])
    assert.deepEqual(await shop.names('currency=PKR&min_price=201&max_price=299'), [])
    assert.deepEqual(await shop.names('currency=PKR&min_price=250&category=fruit&q=banana'), ['Banana'])
    assert.deepEqual(await shop.names('currency=USD&min_price=2&max_price=2'), ['Banana'])
  })

  test('is filtered by the lowest price', async () => {
    assert.deepEqual(await shop.names('currency=PKR&min_price=100&max_price=200'), ['apple', 'Banana'])
    assert.deepEqual(await shop.names('currency=PKR&sort=-price&max_price=200'), ['Banana', 'apple', 'Car'])
    assert.deepEqual(await shop.names('currency=PKR&category=toys&min_price=1'), ['Car'])
  })

  for (const query of [
    '',
    'sort=name',
    'sort=price&currency=PKR',
    'sort=-price&currency=PKR',
    'currency=PKR&min_price=100&max_price=300',
    'sort=name&currency=PKR&min_price=100&max_price=300',
    'sort=-price&currency=PKR&min_price=100',
    'q=one',
    'category=food',
  ])
    test(`comes page by page without a gap or a repetition (${query || 'newest'})`, async () => {
      const whole = await walk(`${query}&limit=100`)
      assert.ok(whole.names.length >= 3)
      const paged = await walk(`${query}&limit=2`)
      assert.deepEqual(paged.names, whole.names)
      assert.equal(paged.pages, Math.ceil(whole.names.length / 2))
    })

  test('refuses the cursor of another sorting, and one that is none', async () => {
    const { body } = await shop.http('GET', '/products?limit=1&sort=name')
    for (const [query, cursor] of [
      ['', body.next_cursor],
      ['sort=price&currency=PKR', body.next_cursor],
      ['', 'rubbish'],
      ['sort=name', Buffer.from('["name","a\\u0000","x"]').toString('base64url')],
    ]) {
      const answer = await shop.http('GET', `/products?${query}&cursor=${cursor}`)
      assert.deepEqual([answer.status, fieldsOf(answer)], [400, ['cursor cursor']])
    }
    const pkr = await shop.http('GET', '/products?limit=1&sort=price&currency=PKR')
    const usd = await shop.http('GET', `/products?sort=price&currency=USD&cursor=${pkr.body.next_cursor}`)
    assert.equal(usd.status, 400)
  })

  test('needs a currency for prices, and names every faulty field', async () => {
    const needing = await shop.http('GET', '/products?sort=price&min_price=1')
    assert.deepEqual([needing.status, fieldsOf(needing)], [400, ['min_price needs_currency', 'sort needs_currency']])
    const faulty = await shop.http('GET', '/products?limit=1000&sort=best&colour=red&category=A%20B')
    assert.deepEqual(
      [faulty.status, fieldsOf(faulty)],
      [400, ['category pattern', 'colour unknown_field', 'limit maximum', 'sort enum']],
    )
  })

  test('shows drafts and retired ones to staff alone', async () => {
    const names = async (status: string) =>
      (await shop.call('GET', `/products?status=${status}`)).body.items.map((item: { name: string }) => item.name)
    assert.deepEqual(await names('draft'), ['Hidden'])
    assert.deepEqual(await names('retired'), ['Gone'])
    assert.equal((await shop.http('GET', '/products?status=draft')).status, 403)
    assert.equal((await shop.http('GET', '/products?status=draft', { as: customer })).status, 403)
  })

  test('counts the categories and tells the span of prices when asked', async () => {
    const facets = async (query: string) => (await shop.http('GET', `/products?facets=true&${query}`)).body.facets
    const shelf = (slug: string, name: string, count: number) => ({ slug, name, name_language: 'en', count })
    const [food, fruit, toys] = [shelf('food', 'Food', 3), shelf('fruit', 'Fruit', 2), shelf('toys', 'Toys', 2)]
    assert.deepEqual(await facets('currency=PKR'), { categories: [food, fruit, toys], price: { min: 50, max: 300 } })
    assert.deepEqual(await facets('category=toys&currency=USD'), {
      categories: [food, fruit, toys],
      price: { min: 1, max: 5 },
    })
    assert.deepEqual(await facets('q=banana&currency=PKR'), {
      categories: [
        { ...food, count: 1 },
        { ...fruit, count: 1 },
      ],
      price: { min: 200, max: 300 },
    })
    assert.deepEqual(await facets('currency=PKR&min_price=300'), {
      categories: [
        { ...food, count: 2 },
        { ...fruit, count: 1 },
      ],
      price: { min: 50, max: 300 },
    })
    assert.deepEqual(await facets('q=xyzzy'), { categories: [], price: null })
    assert.equal(await facets('').then(({ price }) => price), null)
  })
})

test('the counts of categories follow every change, also once they were added up', async () => {
  const [here, there] = [await shop.addCategory('Counted here'), await shop.addCategory('Counted there')]
  const counts = async () => {
    const { categories } = (await shop.http('GET', '/products?facets=true&limit=1')).body.facets
    const ofThese = categories.filter(({ name }: { name: string }) => name.startsWith('Counted'))
    return Object.fromEntries(ofThese.map(({ slug, count }: { slug: string; count: number }) => [slug, count]))
  }
  const [moving, hidden, gone] = await Promise.all([1, 2, 3].map(() => shop.add({ category_ids: [here.id] })))
  assert.deepEqual(await counts(), { 'counted-here': 3 })
  await shop.change(moving.id, 1, { category_ids: [there.id] })
  await shop.change(hidden.id, 1, { status: 'draft', name: 'Hidden' })
  assert.deepEqual(await counts(), { 'counted-here': 1, 'counted-there': 1 })
  await inTransaction(shop.service.db, addUpShelfCounts)
  const rows = await shop.service.db`
    select from shelf_counts where category_id = ${here.id} and status = 'published'`
  assert.equal(rows.length, 1)
  assert.deepEqual(await counts(), { 'counted-here': 1, 'counted-there': 1 })
  await shop.retire(gone.id, 1)
  await shop.change(hidden.id, 2, { status: 'published', category_ids: [here.id, there.id] })
  assert.deepEqual(await counts(), { 'counted-there': 2, 'counted-here': 1 })
  for (const one of [moving, hidden]) await shop.retire(one.id, one === moving ? 2 : 3)
  await inTransaction(shop.service.db, addUpShelfCounts)
  assert.deepEqual(await counts(), {})
})

describe('search', () => {
  before(async () => {
    const spices = await shop.addCategory('Kitchen Wonders')
    await shop.add({
      name: 'National Chicken Masala',
      variants: [priced({ PKR: 1 }, { sku: 'SPC-CM-50', name: 'Family pack' })],
    })
    await shop.add({
      name: 'Kashmiri Chai',
      description: 'Pink, made with green leaves and no chicken.',
      category_ids: [spices.id],
    })
    await shop.add({ name: 'Egg Tray', description: 'Thirty.' })
    await shop.add({ name: 'Jalapeño Crème', slug: 'jalapeno' })
    await shop.add({ name: 'دودھ', slug: 'doodh' })
  })

  test('forgives typing errors', async () => {
    assert.deepEqual(await shop.names('q=chiken masla'), ['National Chicken Masala'])
    assert.deepEqual(await shop.names('q=natoinal'), ['National Chicken Masala'])
    assert.deepEqual(await shop.names('q=kashmri chai'), ['Kashmiri Chai'])
  })

  test('finds by the beginning of a word, a plural, and without accents', async () => {
    assert.deepEqual(await shop.names('q=kash'), ['Kashmiri Chai'])
    assert.deepEqual(await shop.names('q=eggs'), ['Egg Tray'])
    assert.deepEqual(await shop.names('q=JALAPENO creme'), ['Jalapeño Crème'])
    assert.deepEqual(await shop.names('q=دودھ'), ['دودھ'])
  })

  test("finds by a variant's name, a SKU and a category's name", async () => {
    assert.deepEqual(await shop.names('q=family'), ['National Chicken Masala'])
    assert.deepEqual(await shop.names('q=spc-cm-50'), ['National Chicken Masala'])
    assert.deepEqual(await shop.names('q=wonders'), ['Kashmiri Chai'])
  })

  test('puts a name before a description', async () => {
    assert.deepEqual(await shop.names('q=chicken'), ['National Chicken Masala', 'Kashmiri Chai'])
    assert.deepEqual(await shop.names('q=chicken&sort=name'), ['Kashmiri Chai', 'National Chicken Masala'])
    assert.deepEqual(await shop.names('q=chicken&category=kitchen-wonders'), ['Kashmiri Chai'])
    assert.deepEqual(await shop.names('q=chicken&currency=PKR&max_price=1'), ['National Chicken Masala'])
  })

  test('finds nothing for what resembles nothing, and everything for nothing', async () => {
    assert.deepEqual(await shop.names('q=xyzzyx'), [])
    assert.deepEqual(await shop.names('q=%27%26!'), [])
    assert.equal((await shop.names('q=%20')).length, (await shop.names()).length)
  })
})

describe('availability', () => {
  const of = async (id: string) =>
    (await shop.http('GET', `/products/${id}`)).body.variants.map((one: { availability: string }) => one.availability)
  const news = (sku: string, availability: 'in_stock' | 'low' | 'out') => ({ sku, availability, available: 1 })

  test('is shown as last heard, per variant, and leaves the version', async () => {
    const { id, version, variants } = await shop.add({ variants: [priced({ PKR: 1 }), priced({ PKR: 1 })] as never })
    const [one, other] = variants.map(({ sku }: { sku: string }) => sku)
    assert.deepEqual(await of(id), ['out', 'out'])
    await shop.consume(StockAvailabilityChanged, news(one, 'in_stock'), news(other, 'in_stock'), news(other, 'low'))
    assert.deepEqual(await of(id), ['in_stock', 'low'])
    assert.equal((await shop.http('GET', `/products/${id}`)).body.version, version)
    const [listed] = (await shop.http('GET', '/products?limit=1')).body.items
    assert.equal(listed.variants[0].availability, 'in_stock')
  })

  test('heard twice counts once, also when other news came between', async () => {
    const { id, variants } = await shop.add()
    const sku = variants[0].sku
    const old = recordOf(StockAvailabilityChanged, news(sku, 'in_stock'))
    await shop.consumeRecords(StockAvailabilityChanged.topic, [old])
    await shop.consume(StockAvailabilityChanged, news(sku, 'low'))
    await shop.consumeRecords(StockAvailabilityChanged.topic, [old])
    assert.deepEqual(await of(id), ['low'])
  })

  test('is kept when the product changes, and known before the product is', async () => {
    const sku = someSku()
    await shop.consume(StockAvailabilityChanged, news(sku, 'low'))
    const { id } = await shop.add({ variants: [priced({ PKR: 1 }, { sku })] as never })
    assert.deepEqual(await of(id), ['low'])
    await shop.change(id, 1, { name: 'Renamed' })
    assert.deepEqual(await of(id), ['low'])
  })

  test('and a change of the product at the same moment are both shown', async () => {
    const { id, variants } = await shop.add()
    for (let version = 1; version <= 10; version += 1) {
      const availability = version % 2 ? 'low' : 'in_stock'
      await Promise.all([
        shop.consume(StockAvailabilityChanged, news(variants[0].sku, availability)),
        shop.change(id, version, { name: `Name ${version}` }),
      ])
      const { body } = await shop.http('GET', `/products/${id}`)
      assert.deepEqual([body.name, body.variants[0].availability], [`Name ${version}`, availability])
    }
  })

  test("filters by the product's best variant, by several classes if wished", async () => {
    const shelf = await shop.addCategory('Stock shelf')
    const add = (name: string, variants: object[]) =>
      shop.add({ name, category_ids: [shelf.id], variants: variants as never })
    const plenty = await add('Plenty', [priced({ PKR: 1 }), priced({ PKR: 1 })])
    const few = await add('Few', [priced({ PKR: 1 })])
    await add('None', [priced({ PKR: 1 })])
    await shop.consume(
      StockAvailabilityChanged,
      news(plenty.variants[1].sku, 'in_stock'),
      news(few.variants[0].sku, 'low'),
    )
    const names = (query: string) => shop.names(`category=stock-shelf&${query}`)
    assert.deepEqual(await names('availability=in_stock'), ['Plenty'])
    assert.deepEqual(await names('availability=in_stock&availability=low'), ['Few', 'Plenty'])
    assert.deepEqual(await names('availability=out&sort=price&currency=PKR'), ['None'])
  })
})

describe('a category that changes', () => {
  test('shows its new name in its products, which are found by it', async () => {
    const category = await shop.addCategory('Old words')
    const { id } = await shop.add({ name: 'Thing', category_ids: [category.id] })
    await shop.call('PATCH', `/categories/${category.id}`, { name: 'Fresh sounds' })
    await eventually(
      async () => (await shop.http('GET', `/products/${id}`)).body.categories[0].name === 'Fresh sounds',
      'the product shows the new name',
    )
    assert.deepEqual(await shop.names('q=sounds'), ['Thing'])
    assert.deepEqual(await shop.names('q=old words'), [])
  })

  test('shows its new name also in a product that was being added', async () => {
    const category = await shop.addCategory('Round 0')
    for (let round = 1; round <= 10; round += 1) {
      const name = `Round ${round}`
      const [renamed, ...added] = await Promise.all([
        shop.call('PATCH', `/categories/${category.id}`, { name }),
        ...[1, 2, 3].map(() => shop.add({ category_ids: [category.id] })),
      ])
      assert.equal(renamed.status, 200)
      for (const { id } of added)
        await eventually(
          async () => (await shop.http('GET', `/products/${id}`)).body.categories[0].name === name,
          'the product shows the new name',
        )
    }
  })

  test('takes its products along when it moves', async () => {
    const [from, to] = [await shop.addCategory('From'), await shop.addCategory('To')]
    const moved = await shop.addCategory('Moved', from.id)
    await shop.add({ name: 'Traveller', category_ids: [moved.id] })
    assert.deepEqual(await shop.names('category=from'), ['Traveller'])
    await shop.call('PATCH', `/categories/${moved.id}`, { parent_id: to.id })
    await eventually(async () => (await shop.names('category=to')).length === 1, 'it is found under the new one')
    assert.deepEqual(await shop.names('category=from'), [])
    assert.deepEqual(await shop.names('category=to&sort=price&currency=PKR'), ['Traveller'])
  })
})

describe('a listing that an older form of the code made', () => {
  test('is made anew by the worker', async () => {
    const { id } = await shop.add({ name: 'Renewed' })
    await shop.service.db`
      update listings set form = ${LISTING_FORM - 1}, document = '{"name":"Old"}', words = '' where product_id = ${id}`
    await eventually(
      async () => (await shop.http('GET', `/products/${id}`)).body.name === 'Renewed',
      'the product shows what it shows now',
    )
    assert.deepEqual(await shop.names('q=renewed'), ['Renewed'])
  })

  test('is one of a bounded batch, and a newer one is left alone', async () => {
    const forms = async (tx: Transaction) =>
      (await tx<{ form: number }[]>`select form from listings order by form`).map(({ form }) => form)
    await shop.add()
    await inTransaction(shop.service.db, async (tx) => {
      await tx`update listings set form = ${LISTING_FORM - 1}`
      await tx`update listings set form = ${LISTING_FORM + 1} where product_id = (select max(product_id::text)::uuid from listings)`
      const all = await forms(tx)
      assert.equal(await renewStaleListings(tx, 2), true)
      assert.deepEqual(await forms(tx), [...all.slice(2, -1), LISTING_FORM, LISTING_FORM, LISTING_FORM + 1])
      assert.equal(await renewStaleListings(tx, 1_000), false)
      assert.deepEqual(await forms(tx), [...all.slice(1).map(() => LISTING_FORM), LISTING_FORM + 1])
    })
  })
})

describe('a product with several prices', () => {
  test('is filtered by a price between the lowest and the highest', async () => {
    const shelf = await shop.addCategory('Spans')
    const add = (name: string, ...prices: number[]) =>
      shop.add({ name, category_ids: [shelf.id], variants: prices.map((PKR) => priced({ PKR })) as never })
    await add('Low and high', 1_000, 9_000)
    await add('All three', 1_000, 5_000, 9_000)
    for (const more of ['', '&sort=price', '&sort=-price', '&sort=newest', '&sort=name', '&q=three low'])
      assert.deepEqual(
        await shop.names(`category=spans&currency=PKR&min_price=4000&max_price=6000${more}`),
        ['All three'],
        more,
      )
    const { facets } = (await shop.http('GET', '/products?facets=true&category=spans&currency=PKR&min_price=4000')).body
    assert.deepEqual(facets.price, { min: 1_000, max: 9_000 })
    const within = await shop.http('GET', '/products?facets=true&currency=PKR&min_price=4000&max_price=6000')
    assert.deepEqual(within.body.facets.categories, [{ slug: 'spans', name: 'Spans', name_language: 'en', count: 1 }])
  })
})
