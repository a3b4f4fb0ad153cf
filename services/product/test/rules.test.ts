import assert from 'node:assert/strict'
import { test } from 'node:test'
import { treeOf, withAncestors, wouldLoop } from '../src/category.ts'
import { amountFrom, joinOptions, joinParts, plainCell, safeCell, splitOptions, splitParts } from '../src/csv-cells.ts'
import { addedSkus, changedProduct, newProduct, type Product, retiredProduct, toPublish } from '../src/product.ts'
import { firstFree, slugFrom } from '../src/slug.ts'
import { sortName, sortNameInUrdu } from '../src/sort-name.ts'
import { versionsFrom } from '../src/version.ts'

const price = (amount: number) => [{ amount, currency: 'PKR' }]

function product(more: Partial<Product> = {}): Product {
  let ids = 0
  const making = { at: new Date(0), makeId: () => `id-${++ids}` }
  const variants = [{ sku: 'A', name: 'a', prices: price(1) }]
  return { ...newProduct({ name: 'Tea', slug: 'tea', variants }, making), ...more }
}
const change = (before: Product, changes: Parameters<typeof changedProduct>[1]) =>
  changedProduct(before, changes, { at: new Date(1), makeId: () => 'new' })

test('a slug is made of the Latin letters and digits of a name', () => {
  assert.equal(slugFrom("Crème Brûlée's 450 g!", 'product'), 'creme-brulees-450-g')
  assert.equal(slugFrom('چائے', 'product'), 'product')
  assert.match(slugFrom('x'.repeat(300), 'product'), /^x{90}$/)
})

test('a slug never looks like an id', () => {
  assert.equal(slugFrom('01a204aa-aaed-6751-9854-513dcb89bd3c', 'p'), 'p-01a204aa-aaed-6751-9854-513dcb89bd3c')
})

test('a made-up slug takes the first free number', () => {
  assert.equal(firstFree('tea', new Set()), 'tea')
  assert.equal(firstFree('tea', new Set(['tea', 'tea-2', 'tea-4'])), 'tea-3')
})

test('names in Urdu are in the order of its dictionaries, before all that has none', () => {
  const inUrdu = (ur: string) => sortNameInUrdu({ name: 'x', translations: { ur: { name: ur } } })!
  const alphabet = [...'ابپتٹثجچحخدڈذرڑزژسشصضطظعغفقکگلمنںوہھءیے']
  const sorted = (names: readonly string[]) => names.toSorted((one, other) => (inUrdu(one) < inUrdu(other) ? -1 : 1))
  assert.deepEqual(sorted(alphabet.toReversed()), alphabet)
  assert.deepEqual(alphabet.toSorted(new Intl.Collator('ur').compare), alphabet)
  const shelf = [
    '2 کلو چینی',
    'آٹا',
    'آٹا 5 کلو',
    'انڈے',
    'بریڈ',
    'بہار',
    'بیسن',
    'پیاز',
    'ٹماٹر',
    'چائے',
    'گڑ',
    'لہسن',
    'ہلدی',
    'یخنی',
  ]
  assert.deepEqual(sorted(shelf.toReversed()), shelf)
  for (const [one, same] of [
    ['آٹا', 'اٹا'],
    ['کیک', 'كيك'],
    ['چائے', 'چایے'],
    ['۵ کلو', '5 کـلو'],
    ['LED بلب', 'led بلب'],
  ])
    assert.equal(inUrdu(one!), inUrdu(same!), one)
  for (const english of ['!', '1 kg', 'apple']) assert.ok(inUrdu('ے') < sortName(english), english)
  assert.ok(inUrdu('چ'.repeat(300)).length <= 100)
  assert.equal(sortNameInUrdu({ name: 'Tea' }), null)
})

test('a category is found with all that it is a part of, and may not become a part of itself', () => {
  const node = (id: string, parent_id: string | null) => ({ id, slug: id, name: id, parent_id, translations: {} })
  const tree = treeOf([node('food', null), node('tea', 'food'), node('green', 'tea')])
  assert.deepEqual(withAncestors(tree, 'green'), ['green', 'tea', 'food'])
  assert.equal(wouldLoop(tree, 'food', 'green'), true)
  assert.equal(wouldLoop(tree, 'tea', 'tea'), true)
  assert.equal(wouldLoop(tree, 'green', 'food'), false)
})

test('a change that changes nothing leaves the version', () => {
  const before = product()
  assert.equal(change(before, { name: 'Tea' }), before)
  assert.equal(change(before, { variants: [{ sku: 'A', name: 'a', prices: price(1) }] }), before)
  assert.equal(change(before, { name: 'Chai' }).version, 2)
})

test('a variant keeps its id by its SKU', () => {
  const before = product()
  const after = change(before, {
    variants: [
      { sku: 'B', name: 'b', prices: price(2) },
      { sku: 'A', name: 'other', prices: price(3) },
    ],
  })
  assert.deepEqual(
    after.variants.map(({ id, sku }) => [id, sku]),
    [
      ['new', 'B'],
      [before.variants[0]?.id, 'A'],
    ],
  )
  assert.deepEqual(addedSkus(before, after), ['B'])
})

test('only what the public can or could see is said', () => {
  const draft = product()
  const published = product({ status: 'published' })
  const said = (before: Product | null, after: Product) => toPublish(before, after, String)?.event.type ?? null
  assert.equal(said(null, draft), null)
  assert.equal(said(null, published), 'product.published')
  assert.equal(said(draft, published), 'product.published')
  assert.equal(said(published, published), 'product.changed')
  assert.equal(said(published, draft), 'product.retired')
  assert.equal(said(published, retiredProduct(published, new Date())), 'product.retired')
  assert.equal(said(draft, retiredProduct(draft, new Date())), null)
})

test('If-Match is read as strong tags, a star or nothing', () => {
  assert.equal(versionsFrom(undefined), null)
  assert.equal(versionsFrom('*'), 'any')
  assert.deepEqual(versionsFrom('"3", "4"'), new Set([3, 4]))
  assert.deepEqual(versionsFrom('W/"3"'), new Set())
  assert.deepEqual(versionsFrom('3'), new Set())
})

test('a cell that a spreadsheet would run is quoted, and comes back as it was', () => {
  for (const text of ['=1+1', '+1', '-1', '@x', "'=1", "''-x", '\tx', "'plain", 'plain', '']) {
    assert.doesNotMatch(safeCell(text), /^[=+\-@\t\r]/)
    assert.equal(plainCell(safeCell(text)), text)
  }
})

test('lists and options in cells come back as they were', () => {
  const parts = ['a|b', 'c\\', '\\|', 'd;e=f']
  assert.deepEqual(splitParts(joinParts(parts)), parts)
  assert.deepEqual(splitParts(''), [])
  const options = { 'si;ze': '450=g', 'a\\': 'b|c' }
  assert.deepEqual(splitOptions(joinOptions(options)), options)
  assert.equal(splitOptions('size'), null)
  assert.equal(splitOptions('a=1;a=2'), null)
})

test('a decimal amount is read exactly or not at all', () => {
  assert.equal(amountFrom('899.5', 'PKR'), 89_950)
  assert.equal(amountFrom('0.07', 'USD'), 7)
  assert.equal(amountFrom('1.10', 'JPY'), null)
  assert.equal(amountFrom('500', 'JPY'), 500)
  assert.equal(amountFrom('1.234', 'KWD'), 1_234)
  assert.equal(amountFrom('1.2300', 'USD'), 123)
  assert.equal(amountFrom('10000000000.00', 'PKR'), 1_000_000_000_000)
  for (const wrong of ['1.001', '10000000000.01', '-1', '1e3', '1,000', ' 1', '', '.5', '1.'])
    assert.equal(amountFrom(wrong, 'PKR'), null, wrong)
})
