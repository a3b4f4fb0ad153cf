import assert from 'node:assert/strict'
import { after, before, describe, test } from 'node:test'
import { ProductChanged, ProductPublished, ProductRetired } from '@mart/contracts/events/product-events'
import { newId } from '@mart/service-kit/ids'
import { findProducts } from '../src/product-queries.ts'
import { customer, fieldsOf, openShop, someSku, staff, tea } from './shop.ts'

let shop: Awaited<ReturnType<typeof openShop>>
before(async () => {
  shop = await openShop()
})
after(() => shop.stop())

const price = (amount: number, currency = 'PKR') => ({ amount, currency })
const variant = (more: object = {}) => ({ sku: someSku(), name: 'one', prices: [price(100)], ...more })
const saidOf = async (id: string) => {
  const all = []
  for (const event of [ProductPublished, ProductChanged, ProductRetired])
    all.push(
      ...(await shop.published(event)).filter(({ key }) => key === id).map(({ data }) => [event.type, data.version]),
    )
  return all.sort(([, one], [, other]) => Number(one) - Number(other))
}

describe('adding a product', () => {
  test('answers with the whole of it, its version as ETag, and where it is', async () => {
    const category = await shop.addCategory('Tea')
    const given = tea({
      slug: 'tapal',
      description: 'Strong.',
      category_ids: [category.id],
      image_urls: ['/images/t.webp'],
    })
    const { status, body, headers } = await shop.call('POST', '/products', given)
    assert.equal(status, 201)
    const { id, created_at, updated_at, variants, ...rest } = body
    assert.deepEqual(rest, {
      slug: 'tapal',
      name: 'Tapal Danedar',
      name_language: 'en',
      description: 'Strong.',
      description_language: 'en',
      status: 'published',
      categories: [{ id: category.id, slug: 'tea', name: 'Tea', name_language: 'en' }],
      image_urls: ['/images/t.webp'],
      version: 1,
    })
    assert.deepEqual(
      variants.map(({ id: _, ...one }: { id: string }) => one),
      given.variants.map((one) => ({ ...one, name_language: 'en', max_quantity: null, availability: 'out' })),
    )
    assert.equal(created_at, updated_at)
    assert.equal(headers.get('etag'), '"1"')
    assert.equal(headers.get('location'), `/products/${id}`)
    assert.deepEqual((await shop.http('GET', `/products/${id}`)).body, body)
    assert.deepEqual((await shop.http('GET', '/products/tapal')).body, body)
  })

  test('says product.published with the whole of it', async () => {
    const category = await shop.addCategory('Coffee')
    const { id, variants } = await shop.add({ name: 'Mocha', category_ids: [category.id] })
    const [said] = (await shop.published(ProductPublished)).filter(({ key }) => key === id)
    assert.deepEqual(said?.data, {
      product_id: id,
      version: 1,
      slug: 'mocha',
      name: 'Mocha',
      category_slugs: ['coffee'],
      image_urls: [],
      variants: variants.map(({ sku, name, prices }: never) => ({ sku, name, prices })),
    })
  })

  test('makes up a slug with a number when it is taken, also for many at once', async () => {
    const all = await Promise.all(Array.from({ length: 5 }, () => shop.add({ name: 'Green Tea' })))
    assert.deepEqual(all.map(({ slug }) => slug).sort(), [
      'green-tea',
      'green-tea-2',
      'green-tea-3',
      'green-tea-4',
      'green-tea-5',
    ])
  })

  test('refuses a given slug that is taken', async () => {
    const { slug } = await shop.add({ name: 'Own slug' })
    const { status, body } = await shop.call('POST', '/products', tea({ slug }))
    assert.deepEqual([status, body.code], [409, 'slug_taken'])
  })

  test('refuses a SKU that is taken, naming it, and keeps nothing', async () => {
    const { variants } = await shop.add()
    const taken = variants[0].sku
    const answer = await shop.call(
      'POST',
      '/products',
      tea({ name: 'Thief', variants: [variant(), variant({ sku: taken })] }),
    )
    assert.deepEqual([answer.status, answer.body.code, answer.body.skus], [409, 'sku_taken', [taken]])
    assert.deepEqual(fieldsOf(answer), ['variants[1].sku sku_taken'])
    assert.equal((await shop.call('GET', '/products/thief')).status, 404)
  })

  test('takes SKUs as merchants write them, and one that differs only by case as the same', async () => {
    const sku = `tea/450 g+${newId().slice(0, 8)}`
    const { id, variants } = await shop.add({ variants: [variant({ sku })] as never })
    assert.equal(variants[0].sku, sku)
    const other = { variants: [variant({ sku: sku.toUpperCase() })] }
    const taken = await shop.call('POST', '/products', tea(other as never))
    assert.deepEqual([taken.status, taken.body.code, taken.body.skus], [409, 'sku_taken', [sku.toUpperCase()]])
    const changed = await shop.change(id, 1, other)
    assert.deepEqual(
      [changed.status, changed.body.variants[0].id, changed.body.variants[0].sku],
      [200, variants[0].id, sku],
    )
    await shop.change(id, 2, { variants: [variant()] })
    assert.equal((await shop.call('POST', '/products', tea(other as never))).body.code, 'sku_taken')
    const twice = { variants: [variant({ sku: 'Twice-1' }), variant({ sku: 'tWICE-1' })] }
    assert.deepEqual(fieldsOf(await shop.call('POST', '/products', tea(twice as never))), ['variants[1].sku repeated'])
  })

  test('shows and says how much of a variant one order may have, when it says so', async () => {
    const { id, variants } = await shop.add({ variants: [variant({ max_quantity: 240 }), variant()] as never })
    assert.deepEqual(
      variants.map((one: { max_quantity: number | null }) => one.max_quantity),
      [240, null],
    )
    const { body } = await shop.http('GET', `/products?q=${encodeURIComponent(variants[0].sku)}`)
    assert.equal(body.items[0].variants[0].max_quantity, 240)
    const [said] = (await shop.published(ProductPublished)).filter(({ key }) => key === id)
    assert.deepEqual(
      said?.data.variants.map((one) => one.max_quantity),
      [240, undefined],
    )
    const changed = await shop.change(id, 1, {
      variants: variants.map(({ sku, name, prices }: never) => ({ sku, name, prices, max_quantity: null })),
    })
    assert.equal(changed.body.variants[0].max_quantity, null)
    for (const max_quantity of [0, 1_000, 1.5, '5'])
      assert.equal(
        (await shop.call('POST', '/products', tea({ variants: [variant({ max_quantity })] as never }))).status,
        422,
      )
  })

  test('lets one of two have a SKU that both want at once', async () => {
    const sku = someSku()
    const answers = await Promise.all(
      [1, 2, 3].map(() => shop.call('POST', '/products', tea({ variants: [variant({ sku })] }))),
    )
    assert.deepEqual(answers.map(({ status }) => status).sort(), [201, 409, 409])
  })

  test('with the same Idempotency-Key adds one product', async () => {
    const body = tea({ name: 'Only once' })
    const headers = { 'idempotency-key': newId() }
    const first = await shop.call('POST', '/products', body, headers)
    const second = await shop.call('POST', '/products', body, headers)
    assert.deepEqual(second.body, first.body)
    assert.equal(second.headers.get('idempotency-replayed'), 'true')
    assert.equal(second.headers.get('etag'), '"1"')
    assert.equal((await shop.call('POST', '/products', tea(), headers)).status, 422)
  })

  test('keeps SQL and script as the text that it is', async () => {
    const name = `<script>alert(1)</script>'); drop table products; --`
    const { id } = await shop.add({ name, description: name })
    const { body } = await shop.http('GET', `/products/${id}`)
    assert.deepEqual([body.name, body.description], [name, name])
    assert.deepEqual(await shop.names(`q=${encodeURIComponent(name)}`), [name])
  })

  test('is for staff', async () => {
    assert.equal((await shop.http('POST', '/products', { body: tea() })).status, 401)
    assert.equal((await shop.http('POST', '/products', { body: tea(), as: customer })).status, 403)
  })
})

describe('bad input names every faulty field at once', () => {
  const refused = async (body: unknown) => {
    const answer = await shop.call('POST', '/products', body)
    assert.equal(answer.status, 422, JSON.stringify(answer.body))
    assert.doesNotMatch(JSON.stringify(answer.body), /\bat .*\.[jt]s:\d/, 'no stack')
    return fieldsOf(answer)
  }

  test('wrong types, unknown and missing fields', async () => {
    assert.deepEqual(
      await refused({
        name: 5,
        status: 'retired',
        price: 3,
        description: 'x'.repeat(10_001),
        image_urls: ['javascript:x', '//evil.example', '/fine.png'],
      }),
      [
        'description maxLength',
        'image_urls[0] pattern',
        'image_urls[1] pattern',
        'name type',
        'price unknown_field',
        'status enum',
        'variants required',
      ],
    )
  })

  test('prices: none, negative, fractions, too large, no currency', async () => {
    const wrong = [price(-1), price(1.5, 'USD'), price(1_000_000_000_001, 'EUR'), price(1, 'rupees')]
    assert.deepEqual(await refused(tea({ variants: [variant({ prices: [] }), variant({ prices: wrong })] })), [
      'variants[0].prices minItems',
      'variants[1].prices[0].amount minimum',
      'variants[1].prices[1].amount type',
      'variants[1].prices[2].amount maximum',
      'variants[1].prices[3].currency enum',
    ])
  })

  test('SKUs and slugs of wrong characters, blank names, options of two lines', async () => {
    const variants = [
      variant({ sku: 'dot/./dot' }),
      variant({ sku: '' }),
      variant({ sku: 'X'.repeat(65) }),
      variant({ options: { a: 'two\nlines' } }),
    ]
    assert.deepEqual(await refused({ name: '  ', slug: 'No Slug', variants }), [
      'name pattern',
      'slug pattern',
      'variants[0].sku pattern',
      'variants[1].sku pattern',
      'variants[2].sku maxLength',
      'variants[3].options.a pattern',
    ])
  })

  test('a SKU twice, a currency twice, a category that is none', async () => {
    const sku = someSku()
    const variants = [variant({ sku, prices: [price(1), price(2)] }), variant({ sku })]
    assert.deepEqual(await refused(tea({ variants, category_ids: [newId()] })), [
      'category_ids[0] unknown_category',
      'variants[0].prices[1].currency repeated',
      'variants[1].sku repeated',
    ])
  })

  test('malformed JSON is 400 and a body of 2 MB is 413', async () => {
    const malformed = await shop.call('POST', '/products', '{"name":')
    assert.deepEqual([malformed.status, malformed.body.code], [400, 'malformed_json'])
    assert.equal((await shop.call('POST', '/products', tea({ description: 'x'.repeat(2_000_000) }))).status, 413)
  })

  test('CSV is taken by the import alone', async () => {
    assert.equal((await shop.call('POST', '/products', 'sku\n', { 'content-type': 'text/csv' })).status, 415)
  })
})

describe('changing a product', () => {
  test('says product.changed and grows the version', async () => {
    const { id } = await shop.add()
    const { status, body, headers } = await shop.change(id, 1, { name: 'New name' })
    assert.deepEqual([status, body.name, body.version, headers.get('etag')], [200, 'New name', 2, '"2"'])
    assert.deepEqual((await shop.http('GET', `/products/${id}`)).body, body)
    assert.deepEqual(await saidOf(id), [
      ['product.published', 1],
      ['product.changed', 2],
    ])
  })

  test('needs If-Match (428), and the present version in it (412)', async () => {
    const { id } = await shop.add()
    assert.equal((await shop.call('PATCH', `/products/${id}`, { name: 'x' })).status, 428)
    const stale = await shop.change(id, 7, { name: 'x' })
    assert.deepEqual([stale.status, stale.body.code, stale.headers.get('etag')], [412, 'stale', '"1"'])
    assert.equal((await shop.http('GET', `/products/${id}`)).body.version, 1)
    assert.deepEqual(await saidOf(id), [['product.published', 1]])
  })

  test('by two at once succeeds for one', async () => {
    const { id } = await shop.add()
    const answers = await Promise.all(['a', 'b', 'c'].map((name) => shop.change(id, 1, { name })))
    assert.deepEqual(answers.map(({ status }) => status).sort(), [200, 412, 412])
  })

  test('takes a list of variants as the whole, keeping ids by SKU and retiring what is left out for good', async () => {
    const [kept, dropped, added] = [variant(), variant(), variant()]
    const { id, variants } = await shop.add({ variants: [kept, dropped] })
    const { body } = await shop.change(id, 1, { variants: [added, { ...kept, prices: [price(5)] }] })
    assert.deepEqual(
      body.variants.map(({ sku }: { sku: string }) => sku),
      [added.sku, kept.sku],
    )
    assert.equal(body.variants[1].id, variants[0].id)
    assert.equal(body.variants[1].prices[0].amount, 5)
    const again = await shop.change(id, 2, { variants: [added, kept, dropped] })
    assert.deepEqual([again.status, again.body.code, again.body.skus], [409, 'sku_taken', [dropped.sku]])
    assert.equal((await shop.call('POST', '/products', tea({ variants: [dropped] }))).status, 409)
  })

  test('into a draft hides it and says product.retired; back again it is published', async () => {
    const { id } = await shop.add()
    await shop.change(id, 1, { status: 'draft' })
    assert.equal((await shop.http('GET', `/products/${id}`)).status, 404)
    assert.equal((await shop.call('GET', `/products/${id}`)).body.status, 'draft')
    await shop.change(id, 2, { name: 'Changed as a draft' })
    await shop.change(id, 3, { status: 'published' })
    assert.equal((await shop.http('GET', `/products/${id}`)).body.name, 'Changed as a draft')
    assert.deepEqual(await saidOf(id), [
      ['product.published', 1],
      ['product.retired', 2],
      ['product.published', 4],
    ])
  })

  test('that changes nothing says nothing', async () => {
    const { id, name } = await shop.add()
    const { status, body } = await shop.change(id, 1, { name })
    assert.deepEqual([status, body.version], [200, 1])
    assert.deepEqual(await saidOf(id), [['product.published', 1]])
  })

  test('is refused for a taken slug, an unknown field, a product that is not there', async () => {
    const [one, other] = [await shop.add(), await shop.add()]
    assert.equal((await shop.change(one.id, 1, { slug: other.slug })).body.code, 'slug_taken')
    assert.deepEqual(fieldsOf(await shop.change(one.id, 1, { version: 3, variants: [] })), [
      'variants minItems',
      'version unknown_field',
    ])
    assert.equal((await shop.change(newId(), 1, { name: 'x' })).status, 404)
    assert.equal((await shop.change('no-id', 1, { name: 'x' })).status, 404)
  })
})

describe('retiring a product', () => {
  test('hides it for ever, says product.retired once, and keeps its SKUs', async () => {
    const { id, variants } = await shop.add()
    assert.equal((await shop.call('DELETE', `/products/${id}`)).status, 428)
    assert.equal((await shop.retire(id, 3)).status, 412)
    assert.equal((await shop.retire(id, 1)).status, 204)
    assert.equal((await shop.retire(id, 2)).status, 204)
    assert.equal((await shop.http('GET', `/products/${id}`)).status, 404)
    assert.deepEqual(await saidOf(id), [
      ['product.published', 1],
      ['product.retired', 2],
    ])
    const seen = await shop.call('GET', `/products/${id}`)
    assert.deepEqual([seen.body.status, seen.headers.get('etag')], ['retired', '"2"'])
    const change = await shop.change(id, 2, { status: 'published' })
    assert.deepEqual([change.status, change.body.code], [409, 'product_retired'])
    assert.equal(
      (await shop.call('POST', '/products', tea({ variants: [variant({ sku: variants[0].sku })] }))).status,
      409,
    )
  })

  test('is for staff', async () => {
    const { id } = await shop.add()
    assert.equal(
      (await shop.http('DELETE', `/products/${id}`, { as: customer, headers: { 'if-match': '*' } })).status,
      403,
    )
  })
})

test('the database itself refuses to give up a SKU', async () => {
  await shop.add()
  await assert.rejects(shop.service.db`delete from skus`, /never given up/)
  await assert.rejects(shop.service.db`update skus set sku = 'X'`, /never given up/)
})

test('a product that nobody added is 404, whatever is asked for', async () => {
  for (const path of [newId(), 'no-such', "a'b", 'x'.repeat(200)])
    assert.equal((await shop.http('GET', `/products/${path}`)).status, 404, path)
  assert.equal((await shop.http('GET', '/products/x', { as: staff })).status, 404)
})

test('many products asked for at once are each answered with itself', async () => {
  const added = await Promise.all([1, 2, 3, 4].map(() => shop.add()))
  const wanted = added.flatMap(({ id, slug }) => [id, slug, id.toUpperCase(), slug, id])
  const answers = await Promise.all(
    [newId(), 'nowhere', ...wanted].map(async (which) => await shop.http('GET', `/products/${which}`)),
  )
  assert.deepEqual(
    answers.map(({ status, body }) => (status === 200 ? body.id : status)),
    [404, 404, ...added.flatMap(({ id }) => [id, id, id, id, id])],
  )
  const [one, other] = added.map(({ id }) => id)
  const read = await findProducts(shop.service.db, [other, newId(), one, other], 'en')
  assert.deepEqual(
    read.map((product) => product && JSON.parse(product.document).id),
    [other, undefined, one, other],
  )
})
