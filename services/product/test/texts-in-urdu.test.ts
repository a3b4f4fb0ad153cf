import assert from 'node:assert/strict'
import { after, before, describe, test } from 'node:test'
import { ProductChanged, ProductPublished } from '@mart/contracts/events/product-events'
import { eventually } from '@mart/service-kit/testing'
import { fieldsOf, openShop, someSku, tea } from './shop.ts'

let shop: Awaited<ReturnType<typeof openShop>>
before(async () => {
  shop = await openShop()
})
after(() => shop.stop())

const named = (name: string, more: object = {}) => ({
  sku: someSku(),
  name,
  prices: [{ amount: 1, currency: 'PKR' }],
  ...more,
})
const inUrdu = (path: string) => shop.http('GET', `${path}${path.includes('?') ? '&' : '?'}language=ur`)
const slugsFor = async (words: string): Promise<string[]> => {
  const { body } = await shop.http('GET', `/products?q=${encodeURIComponent(words)}`)
  return body.items.map(({ slug }: { slug: string }) => slug)
}

describe('what staff give in Urdu', () => {
  test('is shown to who asks for Urdu; each text says its language, and what is not translated is in English', async () => {
    const product = await shop.add({
      slug: 'half-translated',
      description: 'Strong and dark.',
      variants: [named('450 g', { translations: { ur: { name: '450 گرام' } } }), named('900 g')],
      translations: { ur: { name: 'دانے دار چائے' } },
    })
    const { body } = await inUrdu('/products/half-translated')
    assert.deepEqual([body.name, body.name_language], ['دانے دار چائے', 'ur'])
    assert.deepEqual([body.description, body.description_language], ['Strong and dark.', 'en'])
    assert.deepEqual(
      body.variants.map((one: Record<string, string>) => [one['name'], one['name_language']]),
      [
        ['450 گرام', 'ur'],
        ['900 g', 'en'],
      ],
    )
    assert.equal((await inUrdu(`/products/${product.id}`)).body.name, 'دانے دار چائے')
    const plain = (await shop.http('GET', '/products/half-translated')).body
    assert.deepEqual([plain.name, plain.name_language], ['Tapal Danedar', 'en'])
    assert.deepEqual(plain.translations, { ur: { name: 'دانے دار چائے' } })
    assert.deepEqual(plain.variants[0].translations, { ur: { name: '450 گرام' } })
  })

  test('stands in listings, beside what has none', async () => {
    await shop.add({ name: 'Plain soap', slug: 'plain-soap' })
    await shop.add({ name: 'Rose soap', slug: 'rose-soap', translations: { ur: { name: 'گلاب صابن' } } })
    for (const query of ['', '?sort=name', '?q=soap', '?sort=price&currency=PKR&max_price=999999999']) {
      const { items } = (await inUrdu(`/products${query}`)).body as { items: Record<string, string>[] }
      const shown = items
        .filter(({ slug }) => slug?.endsWith('-soap'))
        .map((one) => [one['name'], one['name_language']])
      assert.deepEqual(
        shown.sort(),
        [
          ['Plain soap', 'en'],
          ['گلاب صابن', 'ur'],
        ].sort(),
        query,
      )
    }
  })

  describe('sorted by name', () => {
    const names = ['آٹا', 'پیاز', 'چائے', 'ہلدی', 'Apple', 'Zeera']
    const english = ['Flour', 'Onion', 'Tea', 'Turmeric', 'Apple', 'Zeera']
    const shelf = 'category=bazaar&sort=name'
    const namesOn = async (query: string): Promise<string[]> => {
      const { status, body } = await shop.http('GET', `/products?${query}`)
      assert.equal(status, 200, JSON.stringify(body))
      return body.items.map(({ name }: { name: string }) => name)
    }
    let bazaar: { id: string }
    before(async () => {
      bazaar = await shop.addCategory('Bazaar')
      for (const [at, name] of [...names.entries()].toReversed())
        await shop.add({
          name: english[at]!,
          category_ids: [bazaar.id],
          // Its second price alone is in the range that is asked for below.
          variants: [
            named('a', { prices: [{ amount: 1 + (at % 2) * 99, currency: 'PKR' }] }),
            named('b', { prices: [{ amount: 100, currency: 'PKR' }] }),
          ],
          ...(name === english[at] ? {} : { translations: { ur: { name } } }),
        })
    })

    test('it is by the name that is shown, in each language', async () => {
      assert.deepEqual(await namesOn(`${shelf}&language=ur`), names)
      assert.deepEqual(await namesOn(shelf), english.toSorted())
    })

    test('page by page nothing is left out or twice, within a range of prices too, and for the words of a search', async () => {
      for (const more of ['', '&currency=PKR&min_price=50&max_price=150', '&availability=out']) {
        const seen: string[] = []
        for (let cursor: string | null = ''; cursor !== null; ) {
          const at: string = cursor && `&cursor=${cursor}`
          const { body } = await shop.http('GET', `/products?${shelf}&language=ur&limit=2${more}${at}`)
          seen.push(...body.items.map(({ name }: { name: string }) => name))
          cursor = body.next_cursor
        }
        assert.deepEqual(seen, names, more)
      }
      assert.deepEqual(await namesOn(`${shelf}&language=ur&q=پیاز`), ['پیاز'])
    })

    test('a place in one language is none in the other', async () => {
      const { body } = await shop.http('GET', `/products?${shelf}&limit=2`)
      const there = await shop.http('GET', `/products?${shelf}&limit=2&language=ur&cursor=${body.next_cursor}`)
      assert.deepEqual([there.status, fieldsOf(there)], [400, ['cursor cursor']])
    })

    test('a name that is given, changed or taken away moves it', async () => {
      const made = await shop.add({ name: 'Bread', category_ids: [bazaar.id] })
      const place = async () => (await namesOn(`${shelf}&language=ur`)).findIndex((one) => /Bread|ڈبل|باقر/.test(one))
      assert.equal(await place(), 5)
      await shop.change(made.id, 1, { translations: { ur: { name: 'ڈبل روٹی' } } })
      assert.equal(await place(), 3)
      await shop.change(made.id, 2, { translations: { ur: { name: 'باقر خانی' } } })
      assert.equal(await place(), 1)
      await shop.change(made.id, 3, { translations: {} })
      assert.equal(await place(), 5)
      await shop.retire(made.id, 4)
    })

    test('a page is a walk along an index', async () => {
      const { db } = shop.service
      await db`
        insert into shelf_places (category_id, status, product_id, sort_name)
        select ${bazaar.id}, 'draft', gen_random_uuid(), 'filler ' || n from generate_series(1, 5000) n`
      await db`
        insert into shelf_prices (category_id, status, currency, product_id, sort_name, amount, highest, amounts)
        select category_id, status, 'PKR', product_id, sort_name, 100, 100, '{100}' from shelf_places
        where sort_name like 'filler %'`
      await db`vacuum analyze shelf_places, shelf_prices`
      const scans = async (name: string) => {
        const [row] = await db<{ scans: number }[]>`
          select idx_scan::int as scans from pg_stat_user_indexes where indexrelname = ${name}`
        return row!.scans
      }
      const page = `/products?${shelf}&status=draft&language=ur`
      for (const [index, more] of [
        ['shelf_places_name_ur', ''],
        ['shelf_prices_name_ur', '&currency=PKR&min_price=50'],
      ] as const) {
        const before = await scans(index)
        assert.equal((await shop.call('GET', `${page}${more}`)).status, 200)
        await eventually(async () => (await scans(index)) > before, `${index} is used`)
      }
      await db`delete from shelf_places where sort_name like 'filler %'`
      await db`delete from shelf_prices where sort_name like 'filler %'`
    })
  })

  test('travels with its events, and goes when it is taken away; the same again changes nothing', async () => {
    const made = await shop.add({ translations: { ur: { description: 'تیز', name: 'چائے' } } })
    const told = async (event: typeof ProductPublished | typeof ProductChanged) =>
      (await shop.published(event)).find(({ key }) => key === made.id)?.data.translations
    assert.deepEqual(await told(ProductPublished), { ur: { name: 'چائے' } })
    const same = await shop.change(made.id, 1, { translations: { ur: { name: 'چائے', description: 'تیز' } } })
    assert.equal(same.body.version, 1)
    const emptied = await shop.change(made.id, 1, { translations: {} })
    assert.deepEqual([emptied.body.version, emptied.body.translations], [2, undefined])
    assert.equal(await told(ProductChanged), undefined)
    assert.ok((await shop.published(ProductChanged)).some(({ key }) => key === made.id))
    assert.equal((await inUrdu(`/products/${made.id}`)).body.name, 'Tapal Danedar')
  })

  test('of a category is shown with its products, in counts and by itself', async () => {
    const category = await shop.addCategory('Spices')
    const product = await shop.add({ category_ids: [category.id] })
    const changed = await shop.call('PATCH', `/categories/${category.id}`, { translations: { ur: { name: 'مصالحے' } } })
    assert.deepEqual([changed.body.version, changed.body.translations], [2, { ur: { name: 'مصالحے' } }])
    await eventually(async () => {
      const [shown] = (await inUrdu(`/products/${product.id}`)).body.categories
      return shown.name === 'مصالحے' && shown.name_language === 'ur'
    }, 'the product is shown in its translated category')
    const counts = (await inUrdu('/products?facets=true')).body.facets.categories
    assert.ok(counts.some((one: Record<string, string>) => one['name'] === 'مصالحے' && one['name_language'] === 'ur'))
    const { items } = (await inUrdu('/categories')).body
    assert.ok(items.some((one: Record<string, string>) => one['name'] === 'مصالحے'))
    assert.equal((await shop.http('GET', '/categories/spices')).body.name, 'Spices')
    assert.equal((await inUrdu('/categories/spices')).body.name, 'مصالحے')
  })

  test('is refused at its field when it is no text, too long, or of another language', async () => {
    const bad = (translations: object) => shop.call('POST', '/products', tea({ translations }))
    assert.deepEqual(fieldsOf(await bad({ ur: { name: 'چ'.repeat(201) } })), ['translations.ur.name maxLength'])
    assert.deepEqual(fieldsOf(await bad({ ur: { name: ' ' } })), ['translations.ur.name pattern'])
    assert.deepEqual(fieldsOf(await bad({ ur: { description: '\0' } })), ['translations.ur.description pattern'])
    assert.equal((await bad({ fr: { name: 'thé' } })).status, 422)
    assert.equal((await shop.http('GET', '/products?language=fr')).status, 400)
  })
})

describe('a search finds by what is in Urdu', () => {
  before(async () => {
    await shop.add({
      slug: 'basmati',
      name: 'Long Grain',
      translations: { ur: { name: 'باسمتی چاول', description: 'بریانی کے لیے لمبے دانے' } },
      variants: [named('1 kg', { translations: { ur: { name: '1 کلو' } } })],
    })
    await shop.add({ slug: 'cooker', name: 'Pressure Pan', translations: { ur: { name: 'پریشر ککر' } } })
  })

  for (const [what, words, slug] of [
    ['the name', 'باسمتی', 'basmati'],
    ['a word of the description', 'بریانی', 'basmati'],
    ['a letter left out', 'باسمی', 'basmati'],
    ['two letters swapped', 'پرشیر', 'cooker'],
    ['letters of an Arabic keyboard', 'باسمتي', 'basmati'],
    ['another kaf', 'پریشر ككر', 'cooker'],
    ['marks and joiners that are not seen', 'پ\u0650ریشر\u200c', 'cooker'],
    ['its sound in Roman letters', 'basmati', 'basmati'],
    ['its amount', 'چاول ۱ کلو', 'basmati'],
    ['its English name', 'long grain', 'basmati'],
  ] as const)
    test(`${what}: ${words}`, async () => assert.equal((await slugsFor(words))[0], slug))
})

describe('a file', () => {
  const header = 'status,slug,name,name_ur,description_ur,sku,variant_name,variant_name_ur,price_PKR'

  test('brings texts in Urdu, leaves those that it has no column for, and takes away what it leaves empty', async () => {
    const sku = someSku()
    const first = await shop.import(`${header}\npublished,file-tea,Tea,چائے,تیز,${sku},450 g,450 گرام,899\n`)
    assert.equal(first.status, 200, JSON.stringify(first.body))
    const texts = async () => {
      const { body } = await inUrdu('/products/file-tea')
      return [body.name, body.description, body.variants[0].name]
    }
    assert.deepEqual(await texts(), ['چائے', 'تیز', '450 گرام'])
    const again = await shop.import(`${header}\npublished,file-tea,Tea,چائے,تیز,${sku},450 g,450 گرام,899\n`)
    assert.equal(again.body.products_unchanged, 1)
    await shop.import(`sku,price_PKR\n${sku},999\n`)
    assert.deepEqual(await texts(), ['چائے', 'تیز', '450 گرام'])
    await shop.import(`sku,name_ur,variant_name_ur\n${sku},,\n`)
    assert.deepEqual(await texts(), ['Tea', 'تیز', '450 g'])
  })

  test('that was exported brings back what it was exported from, and a dry run tells the columns', async () => {
    const sku = someSku()
    await shop.import(`${header}\npublished,file-rice,Rice,فائل چاول,,${sku},1 kg,1 کلو,499\n`)
    const exported: string = (await shop.call('GET', '/products/export.csv')).body
    assert.match(exported, /^name,name_ur,slug,description,description_ur,/)
    assert.equal((await shop.import(exported)).body.products_updated, 0)
    const changed = exported.replace('فائل چاول', 'نیا چاول')
    const { body } = await shop.call('POST', '/products/import?dry_run=true', changed, { 'content-type': 'text/csv' })
    assert.deepEqual(body.rows[0].fields, [{ column: 'name_ur', before: 'فائل چاول', after: 'نیا چاول' }])
  })
})
