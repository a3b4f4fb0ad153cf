import assert from 'node:assert/strict'
import { after, before, describe, test } from 'node:test'
import { readCsv } from '../src/http/csv-reading.ts'
import type { ImportRow } from '../src/import-rows.ts'
import { fieldsOf, openShop, someSku } from './shop.ts'

let shop: Awaited<ReturnType<typeof openShop>>
before(async () => {
  shop = await openShop()
})
after(() => shop.stop())

const bytes = (text: string) => Buffer.from(text)
const productOf = async (slug: string) => (await shop.call('GET', `/products/${slug}`)).body
const rowsOf = async (file: Uint8Array, charset?: string) => {
  const rows: ImportRow[] = []
  const { faults } = await readCsv(Buffer.from(file), {
    charset,
    onRows: async (some) => {
      rows.push(...some)
    },
  })
  faults.refuse()
  return rows
}

describe('a file as spreadsheets write it', () => {
  const expected = [{ sku: 'A-1', name: 'Café', description: 'hello', prices: { PKR: 89_950 } }]
  const read = async (file: Uint8Array, charset?: string) =>
    (await rowsOf(file, charset)).map(({ sku, name, description, prices }) => ({ sku, name, description, prices }))

  const files: [string, Uint8Array, string?][] = [
    ['with commas', bytes('sku,name,description,price_PKR\nA-1,Café,hello,899.50\n')],
    ['with semicolons and decimal commas', bytes('sku;name;description;price_PKR\r\nA-1;Café;hello;899,50\r\n')],
    ['with tabs', bytes('sku\tname\tdescription\tprice_PKR\nA-1\tCafé\thello\t899.50')],
    ['that says its separator', bytes('sep=;\r\nsku;name;description;price_PKR\r\nA-1;Café;hello;899.50\r\n')],
    ['with a mark of byte order', bytes('\ufeffsku,name,description,price_PKR\nA-1,Café,hello,899.5')],
    ['with headers written for people', bytes(' SKU ,NAME,Description,Price pkr\nA-1,Café,hello,899.50')],
    [
      'with quoted headers',
      bytes(
        '"sku";"name, of it, all";"description";"price_PKR"\n'.replace(', of it, all', '') +
          '"A-1";"Café";"hello";"899.50"',
      ),
    ],
    ['with an empty column at its end', bytes('sku,name,description,price_PKR,\nA-1,Café,hello,899.50,\n')],
    [
      'with rows of separators only',
      bytes(',,,\nsku,name,description,price_PKR\n,,,\n , ,\u00a0,\nA-1,Café,hello,899.50\n,,,,,,,\n'),
    ],
    ['with line ends of all kinds', bytes('sku,name,price_PKR,description\n\rA-1,Café,899.50,hello\r\n\r\r\n')],
    [
      'with spaces around its cells',
      bytes('sku, name ,description,price_PKR\n A-1,\u00a0Café\u00a0,"hello ",\t899.50 '),
    ],
    [
      'in Windows-1252',
      Buffer.from('sku,name,description,price_PKR\nA-1,Caf\xe9,hello,899.50', 'latin1'),
      'windows-1252',
    ],
    ['in UTF-16', Buffer.from('\ufeffsku\tname\tdescription\tprice_PKR\r\nA-1\tCafé\thello\t899.50\r\n', 'utf16le')],
    ['in UTF-16 without a mark', Buffer.from('sku,name,description,price_PKR\nA-1,Café,hello,899.50', 'utf16le')],
  ]
  for (const [what, file, charset] of files)
    test(what, async () => assert.deepEqual(await read(file, charset), expected))

  test('by its charset over HTTP, and with a clear answer for one that nobody knows', async () => {
    const sku = someSku()
    const file = Buffer.from(`sku,name,variant_name,price_PKR\n${sku},Cr\xe8me \x80,one,1\n`, 'latin1')
    const taken = await shop.send(file, { charset: 'Windows-1252' })
    assert.deepEqual([taken.status, taken.body.products_created], [200, 1])
    assert.equal((await shop.call('GET', '/products?status=draft&q=creme')).body.items[0].name, 'Crème €')
    const unknown = await shop.send(file, { charset: 'klingon' })
    assert.deepEqual([unknown.status, unknown.body.code], [415, 'unsupported_charset'])
  })

  test('an ambiguous number is no price', async () => {
    const wrong = await shop.send(bytes(`sku;price_PKR\n${someSku()};1,000\n`))
    assert.ok(fieldsOf(wrong).includes('row 2, price_PKR amount'), JSON.stringify(wrong.body))
  })
})

describe('an import', () => {
  const file = (...rows: string[]) => bytes(`name,sku,variant_name,price_PKR,max_quantity\n${rows.join('\n')}\n`)

  test('as a dry run tells what would change and changes nothing', async () => {
    const [old, added] = [someSku(), someSku()]
    await shop.send(file(`Dry one,${old},one,10,`))
    const changed = file(`Dry two,${old.toLowerCase()},one,12.50,7`, `,${added},more,1,`, `Dry new,${someSku()},one,1,`)
    const sent = Buffer.concat([changed])
    const dry = await shop.send(bytes(String(sent).replace(`\n,${added}`, `\nDry new,${added}`)), {
      query: '?dry_run=true',
    })
    assert.deepEqual(
      [dry.status, dry.body.dry_run, dry.body.products_created, dry.body.products_updated, dry.body.variants_created],
      [200, true, 1, 1, 2],
    )
    assert.deepEqual(dry.body.rows[0], {
      row: 2,
      sku: old.toLowerCase(),
      product: 'dry-one',
      change: 'updated',
      fields: [
        { column: 'name', before: 'Dry one', after: 'Dry two' },
        { column: 'max_quantity', before: '', after: '7' },
        { column: 'price_PKR', before: '10.00', after: '12.50' },
      ],
    })
    assert.deepEqual(
      dry.body.rows.slice(1).map(({ row, change }: { row: number; change: string }) => [row, change]),
      [
        [3, 'created'],
        [4, 'created'],
      ],
    )
    assert.deepEqual([(await productOf('dry-one')).version, (await productOf('dry-new')).status], [1, 404])
    const [{ count }] = await shop.service.db<[{ count: number }]>`select count(*)::int from import_rows`
    assert.equal(count, 0)
  })

  test('finds a SKU in any case, keeps its spelling, and never gives it away', async () => {
    const sku = `Tea/450 g ${someSku()}`
    await shop.send(file(`Cased,${sku},one,10,240`))
    const again = await shop.send(file(`Cased,${sku.toUpperCase()},one,10,240`))
    assert.deepEqual([again.body.products_unchanged, again.body.variants_updated], [1, 0])
    const { variants } = await productOf('cased')
    assert.deepEqual([variants[0].sku, variants[0].max_quantity], [sku, 240])
    const twice = await shop.send(file('Twice,tw-1,one,1,', 'Twice,TW-1,two,1,'))
    assert.deepEqual(fieldsOf(twice), ['row 3, sku repeated'])
    await shop.send(bytes(`sku,max_quantity\n${sku},\n`))
    assert.equal((await productOf('cased')).variants[0].max_quantity, null)
  })

  test('leaves a SKU out that a spreadsheet may have made of another, unless asked', async () => {
    await shop.send(file('Zeros,000123,one,1,', 'Zeros,1.10,two,1,', 'Zeros,1.23E+11,three,1,').subarray(0))
    await shop.send(file('Zeros,000123,one,1,', 'Zeros,1.10,two,1,'))
    const spoiled = file('Zeros,123,one,2,', 'Zeros,1.1,two,2,', 'Zeros,124,four,2,')
    const { status, body } = await shop.send(spoiled)
    assert.deepEqual([status, body.rows_skipped, body.variants_created], [200, 2, 1])
    assert.deepEqual(
      body.warnings.map(({ row, sku, code, message }: Record<string, string>) => [
        row,
        sku,
        code,
        /000123|1\.10/.exec(message!)?.[0],
      ]),
      [
        [2, '123', 'similar_sku', '000123'],
        [3, '1.1', 'similar_sku', '1.10'],
      ],
    )
    const asked = await shop.send(spoiled, { query: '?similar_skus=create' })
    assert.deepEqual([asked.status, asked.body.variants_created, asked.body.warnings], [200, 2, []])
    const shortened = await shop.send(file('Zeros,1.23E+11,five,2,'))
    assert.deepEqual([shortened.status, ...fieldsOf(shortened)], [422, 'row 2, sku scientific_notation'])
  })

  test('makes slugs of names that have the same one, or none, each once', async () => {
    const rows = Array.from(
      { length: 600 },
      (_, n) => `${n % 2 ? 'چائے' : 'Same!'}${'؟'.repeat(n % 50)} ${'۔'.repeat(n / 50)},${someSku()},one,1,`,
    )
    const { status, body } = await shop.send(file(...rows))
    assert.deepEqual([status, body.products_created], [200, 600], JSON.stringify(body).slice(0, 500))
    assert.equal((await productOf('same-300')).slug, 'same-300')
  })

  test('does not forget spaces around a text that only its cell has lost', async () => {
    const sku = someSku()
    const { slug } = await shop.add({
      name: ' Spaced ',
      description: '\n two \n',
      variants: [{ sku, name: ' one', prices: [{ amount: 1, currency: 'PKR' }] }],
    })
    const exported = (await shop.call('GET', '/products/export.csv')).body
    const { body } = await shop.send(bytes(exported))
    assert.deepEqual([body.products_updated, body.products_created], [0, 0])
    assert.deepEqual([(await productOf(slug)).description, (await productOf(slug)).version], ['\n two \n', 1])
  })

  test('is refused while another is running, which a dry run does not mind', async () => {
    await shop.service.db.begin(async (tx) => {
      await tx`select pg_advisory_xact_lock(hashtext('import of products'))`
      const refused = await shop.send(file(`Waiting,${someSku()},one,1,`))
      assert.deepEqual([refused.status, refused.body.code], [409, 'import_running'])
      assert.equal((await shop.send(file(`Waiting,${someSku()},one,1,`), { query: '?dry_run=true' })).status, 200)
    })
  })
})
