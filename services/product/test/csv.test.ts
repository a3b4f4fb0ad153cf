import assert from 'node:assert/strict'
import { after, before, describe, test } from 'node:test'
import { ProductChanged, ProductPublished } from '@mart/contracts/events/product-events'
import { newId } from '@mart/service-kit/ids'
import { customer, fieldsOf, openShop, someSku, staff } from './shop.ts'

let shop: Awaited<ReturnType<typeof openShop>>
before(async () => {
  shop = await openShop()
})
after(() => shop.stop())

const csv = (...lines: string[]) => `${lines.join('\n')}\n`
const created = (products: number, variants: number) => ({
  products_created: products,
  products_updated: 0,
  products_unchanged: 0,
  variants_created: variants,
  variants_updated: 0,
  dry_run: false,
  rows_skipped: 0,
  warnings: [],
})
const exported = async (): Promise<string> => (await shop.call('GET', '/products/export.csv')).body

describe('an import', () => {
  test('makes a product of the rows with one slug, published with its event', async () => {
    await shop.addCategory('Tea')
    await shop.addCategory('Hot drinks')
    const [a, b] = [someSku(), someSku()]
    const answer = await shop.import(
      csv(
        'name,slug,description,status,categories,image_urls,sku,variant_name,options,price_PKR,price_USD',
        `Tapal Danedar,csv-tapal,"Strong, ""dark""\nand good",published,tea|hot-drinks,/a.webp|https://x.example/b,${a},450 g,size=450 g;pack=box,899.50,3.99`,
        `,csv-tapal,,,,,${b},950 g,,1799,`,
      ),
    )
    assert.deepEqual([answer.status, answer.body], [200, created(1, 2)])
    const { body } = await shop.http('GET', '/products/csv-tapal')
    assert.equal(body.description, 'Strong, "dark"\nand good')
    assert.deepEqual(
      body.categories.map(({ slug }: { slug: string }) => slug),
      ['tea', 'hot-drinks'],
    )
    assert.deepEqual(body.image_urls, ['/a.webp', 'https://x.example/b'])
    assert.deepEqual(
      body.variants.map(({ id: _, ...variant }: { id: string }) => variant),
      [
        {
          sku: a,
          name: '450 g',
          name_language: 'en',
          options: { size: '450 g', pack: 'box' },
          prices: [
            { amount: 89_950, currency: 'PKR' },
            { amount: 399, currency: 'USD' },
          ],
          max_quantity: null,
          availability: 'out',
        },
        {
          sku: b,
          name: '950 g',
          name_language: 'en',
          options: {},
          prices: [{ amount: 179_900, currency: 'PKR' }],
          max_quantity: null,
          availability: 'out',
        },
      ],
    )
    const said = (await shop.published(ProductPublished)).filter(({ key }) => key === body.id)
    assert.deepEqual(
      said.map(({ data }) => data.category_slugs),
      [['tea', 'hot-drinks']],
    )
    assert.deepEqual(await shop.names('q=tapal'), ['Tapal Danedar'])
  })

  test('without slugs makes a product of each name, as a draft', async () => {
    const [a, b, c] = [someSku(), someSku(), someSku()]
    const answer = await shop.import(
      csv('name,sku,variant_name,price_PKR', `Same name,${a},a,1`, `Other,${b},b,1`, `Same name,${c},c,1`),
    )
    assert.deepEqual([answer.status, answer.body], [200, created(2, 3)])
    const { body } = await shop.call('GET', '/products/same-name')
    assert.deepEqual([body.status, body.variants.length], ['draft', 2])
  })

  test('changes what it names by SKU or slug, leaves the rest, drops no variant', async () => {
    const [a, b, c] = [someSku(), someSku(), someSku()]
    const prices = [
      { amount: 100, currency: 'PKR' },
      { amount: 5, currency: 'USD' },
    ]
    const { id, slug, variants } = await shop.add({
      name: 'To be changed',
      description: 'Stays.',
      variants: [
        { sku: a, name: 'a', prices },
        { sku: b, name: 'b', prices },
      ],
    })
    const bySku = await shop.import(csv('sku,price_PKR', `${a},2.50`))
    assert.deepEqual(bySku.body, { ...created(0, 0), products_updated: 1, variants_updated: 1 })
    const bySlug = await shop.import(csv('slug,sku,variant_name,price_USD', `${slug},${c},c,7.00`, `${slug},${b},,`))
    assert.deepEqual(bySlug.body, { ...created(0, 1), products_updated: 1, variants_updated: 1 })
    const { body } = await shop.http('GET', `/products/${id}`)
    assert.deepEqual([body.version, body.description, body.variants[0].id], [3, 'Stays.', variants[0].id])
    assert.deepEqual(
      body.variants.map((one: { sku: string; prices: { amount: number; currency: string }[] }) => [
        one.sku,
        ...one.prices.map(({ amount, currency }) => `${amount} ${currency}`),
      ]),
      [
        [a, '250 PKR', '5 USD'],
        [b, '100 PKR'],
        [c, '700 USD'],
      ],
    )
    const said = (await shop.published(ProductChanged)).filter(({ key }) => key === id)
    assert.deepEqual(
      said.map(({ data }) => data.version),
      [2, 3],
    )
  })

  test('of the same file again changes nothing, and with the same key is not done again', async () => {
    const file = csv('name,sku,variant_name,price_PKR', `Twice,${someSku()},a,1`)
    const headers = { 'idempotency-key': newId() }
    assert.deepEqual((await shop.import(file, headers)).body, created(1, 1))
    assert.deepEqual((await shop.import(file)).body, { ...created(0, 0), products_unchanged: 1 })
    const replayed = await shop.import(file, headers)
    assert.deepEqual([replayed.body, replayed.headers.get('idempotency-replayed')], [created(1, 1), 'true'])
    assert.equal((await shop.import(csv('name,sku', 'x,X'), headers)).status, 422)
  })

  test('of many rows at once works in batches', async () => {
    const rows = Array.from({ length: 1_200 }, (_, index) => `Bulk ${index},BULK-${index},one,${index}.25`)
    const answer = await shop.import(csv('name,sku,variant_name,price_PKR', ...rows))
    assert.deepEqual(answer.body, created(1_200, 1_200))
    const { body } = await shop.call('GET', '/products?status=draft&sort=-price&currency=PKR&limit=1')
    assert.deepEqual(body.items[0].variants[0].prices, [{ amount: 119_925, currency: 'PKR' }])
  })

  test('is for staff', async () => {
    const call = { body: 'sku\n', headers: { 'content-type': 'text/csv' } }
    assert.equal((await shop.http('POST', '/products/import', call)).status, 401)
    assert.equal((await shop.http('POST', '/products/import', { ...call, as: customer })).status, 403)
    assert.equal((await shop.http('GET', '/products/export.csv')).status, 401)
  })
})

describe('a faulty file imports nothing and names every faulty cell', () => {
  test('of every kind at once', async () => {
    const before = await exported()
    const mine = (await shop.add({ name: 'Mine' })).variants[0].sku
    const retired = await shop.add({ name: 'Retired' })
    await shop.retire(retired.id, 1)
    const answer = await shop.import(
      csv(
        'name,slug,status,categories,image_urls,sku,variant_name,options,price_PKR',
        'Fine,fine,published,,,FINE-1,one,,10',
        'Bad,Bad Slug,sold,no-such,javascript:x,l;wer,one,size,1.234',
        'No price,no-price,,,,NP-1,one,,',
        `Taken,taken,,,,${mine},one,,1`,
        `Retired,gone,,,,${retired.variants[0].sku},one,,1`,
        ',,,,,NN-1,one,,1',
        'Fine,fine,draft,,,FINE-1,two,,1',
        'Unknown,unknown,,nowhere,,UN-1,,,1',
        'short,row',
        '"Quote"d,quoted,,,,Q-1,q,,1',
      ),
    )
    assert.deepEqual([answer.status, answer.body.code, answer.body.faulty_rows], [422, 'invalid_csv', 9])
    assert.deepEqual(fieldsOf(answer), [
      'row 10, csv malformed_csv',
      'row 10, sku pattern',
      'row 11, csv malformed_csv',
      'row 3, categories unknown_category',
      'row 3, image_urls pattern',
      'row 3, options options',
      'row 3, price_PKR amount',
      'row 3, sku pattern',
      'row 3, slug pattern',
      'row 3, status enum',
      'row 4, prices required',
      'row 5, sku sku_taken',
      'row 6, sku sku_taken',
      'row 7, name required',
      'row 8, sku repeated',
      'row 8, status contradicts',
      'row 9, categories unknown_category',
      'row 9, variant_name required',
    ])
    assert.doesNotMatch(JSON.stringify(answer.body.errors), /match pattern/)
    assert.equal((await shop.call('GET', '/products/fine')).status, 404)
    const rest = (await exported()).split('\n').filter((line) => !line.startsWith('"Mine"'))
    assert.deepEqual(rest, before.split('\n'))
  })

  test('in the last of many rows, by its row', async () => {
    const rows = Array.from({ length: 700 }, (_, index) => `Late ${index},LATE-${index},one,1`)
    const answer = await shop.import(csv('name,sku,variant_name,price_PKR', ...rows, '', 'Broken,BROKEN,one,-1'))
    assert.deepEqual(fieldsOf(answer), ['row 703, price_PKR amount'])
    assert.equal((await shop.call('GET', '/products/late-1')).status, 404)
  })

  test('telling the first 100 faults', async () => {
    const rows = Array.from({ length: 150 }, () => 'x,bad  sku,one,1')
    const { body } = await shop.import(csv('name,sku,variant_name,price_PKR', ...rows))
    assert.deepEqual([body.errors.length, body.faulty_rows], [100, 100])
    assert.match(body.detail, /first 100 faults; there may be more/)
  })

  test('in its header', async () => {
    const answer = await shop.import(csv('name,name,colour,,price_rupees,price_XXX', 'a,b,c,d,e,f'))
    assert.deepEqual(fieldsOf(answer), [
      'row 1, colour unknown_field',
      'row 1, column 4 unknown_field',
      'row 1, name repeated',
      'row 1, price_XXX unknown_field',
      'row 1, price_rupees unknown_field',
      'row 1, sku required',
    ])
    assert.deepEqual(fieldsOf(await shop.import('')), ['row 1, header required'])
  })

  test('in its encoding, and with characters that no text may have', async () => {
    const latin1 = Buffer.from('sku,name,variant_name,price_PKR\nL-1,Caf\xe9,one,1\n', 'latin1')
    const refused = await shop.send(latin1)
    assert.deepEqual([refused.status, ...fieldsOf(refused)], [422, 'row 2, name encoding'])
    assert.match(refused.body.errors[0].message, /is not UTF-8.*charset=windows-1252/)
    assert.deepEqual(fieldsOf(await shop.import(csv('sku,name', 'L-1,Caf\ufffd'))), ['row 2, name encoding'])
    const nul = await shop.import(csv('sku,name,variant_name,price_PKR', 'N-1,a\u0000b,one,1'))
    assert.deepEqual(fieldsOf(nul), ['row 2, name pattern'])
  })

  test('of more than 20 MB is 413, and anything but CSV 415', async () => {
    const rows = (from: number) =>
      Array.from({ length: 1_000 }, (_, n) => `X-${from + n},${'x'.repeat(1_000)}\n`).join('')
    const large = await shop.import(`sku,description\n${rows(0).repeat(21)}`)
    assert.deepEqual([large.status, large.body.code], [413, 'body_too_large'])
    assert.equal((await shop.call('POST', '/products/import', { rows: [] })).status, 415)
    assert.equal((await shop.http('POST', '/products/import', { as: staff })).status, 415)
  })
})

describe('an export', () => {
  test('comes back by import as it was, formulas and separators included', async () => {
    const category = await shop.addCategory('=Category')
    const { id } = await shop.add({
      name: "=cmd|' /C calc'!A0",
      description: '\'@quoted\r\nline, "two"\rthree',
      category_ids: [category.id],
      image_urls: ['/a|b.webp', '/c'],
      variants: [
        {
          sku: `-${someSku()}`,
          name: '+1',
          options: { 'a=b': 'c;d\\', '@e': '|' },
          prices: [
            { amount: 1, currency: 'KWD' },
            { amount: 1_000_000_000_000, currency: 'PKR' },
            { amount: 7, currency: 'JPY' },
          ],
        },
      ],
    })
    const file = await exported()
    assert.match(
      file,
      /^name,name_ur,slug,description,description_ur,status,categories,image_urls,sku,variant_name,variant_name_ur,options,max_quantity,price_JPY,price_KWD,price_PKR,/,
    )
    assert.match(file, /"'=cmd\|/)
    for (const cell of file.split(/[,\n]/)) assert.doesNotMatch(cell, /^"?[=+\-@]/)
    const before = (await shop.http('GET', `/products/${id}`)).body
    const answer = await shop.import(file)
    assert.equal(answer.status, 200, JSON.stringify(answer.body))
    assert.deepEqual([answer.body.products_created, answer.body.products_updated], [0, 0])
    await shop.change(id, 1, {
      name: 'x',
      description: 'x',
      image_urls: [],
      variants: [{ ...before.variants[0], id: undefined, availability: undefined, name: 'x', options: {} }],
    })
    await shop.import(file)
    const { body } = await shop.http('GET', `/products/${id}`)
    const { version: _, updated_at: __, ...same } = body
    const { version: ___, updated_at: ____, ...was } = before
    assert.deepEqual(same, was)
  })

  test('has drafts and no retired ones, in pages of any number', async () => {
    const draft = await shop.add({ name: 'A draft', status: 'draft' })
    const gone = await shop.add({ name: 'Gone' })
    await shop.retire(gone.id, 1)
    const lines = (await exported()).split('\n')
    assert.ok(lines.some((line) => line.includes(draft.variants[0].sku)))
    assert.ok(!lines.some((line) => line.includes(gone.variants[0].sku)))
    const [{ count }] = await shop.service.db<[{ count: number }]>`
      select sum(json_array_length(variants))::int as count from products where status <> 'retired'`
    assert.ok(count > 1_200)
    assert.equal(lines.filter((line) => /,"(draft|published)",/.test(line)).length, count)
  })
})
