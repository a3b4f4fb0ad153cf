import assert from 'node:assert/strict'
import { readdirSync, statSync } from 'node:fs'
import { test } from 'node:test'
import { imageFolder, inSmall, readCatalogue } from '../src/catalogue/catalogue.ts'

const catalogue = readCatalogue()
const categories = catalogue.map((section) => section.category)
const products = catalogue.flatMap((section) => section.products)
const variants = products.flatMap((product) => product.variants)
const files = readdirSync(imageFolder).filter((file) => file.endsWith('.webp'))
const small = files.filter((file) => /-280\.webp$/.test(file))
const pictures = files.filter((file) => !small.includes(file))
const bytesOf = (file: string) => statSync(new URL(file, imageFolder)).size
const repeated = (words: readonly string[]) => words.filter((word, index) => words.indexOf(word) !== index)
const slugShape = /^[a-z0-9]+(-[a-z0-9]+)*$/

test('there are 12 categories on two levels, each parent before its children', () => {
  assert.equal(categories.length, 12)
  const roots = new Set<string>()
  for (const { slug, parent } of categories) {
    if (parent === undefined) roots.add(slug)
    else assert.ok(roots.has(parent), `${slug} is below ${parent}`)
  }
  assert.ok(roots.size < 12)
})

test('there are about 150 products, and some in every category', () => {
  assert.ok(products.length >= 140 && products.length <= 170, `${products.length} products`)
  for (const { category, products: shelf } of catalogue) assert.ok(shelf.length >= 5, category.slug)
})

test('no slug and no SKU is there twice, and each has the shape that the API asks for', () => {
  const slugs = [...categories, ...products].map(({ slug }) => slug)
  assert.deepEqual(repeated(categories.map(({ slug }) => slug)), [])
  assert.deepEqual(repeated(products.map(({ slug }) => slug)), [])
  assert.deepEqual(repeated(variants.map(({ sku }) => sku)), [])
  for (const slug of slugs) assert.match(slug, slugShape)
  for (const { sku } of variants) assert.match(sku, /^[A-Z0-9-]{1,64}$/)
})

test('every product has a name, some sentences, and one to four variants that can be told apart', () => {
  for (const { slug, name, description, variants: sizes } of products) {
    assert.ok(name.trim(), slug)
    assert.match(description, /^[A-Z0-9].{20,}[.]$/, slug)
    assert.ok(sizes.length >= 1 && sizes.length <= 4, slug)
    assert.deepEqual(repeated(sizes.map((variant) => variant.name)), [], slug)
    for (const { options } of sizes) assert.ok(Object.keys(options).length > 0, slug)
  }
})

test('every text is there in Urdu too, in its letters, and no two products have the same name', () => {
  const letters = /\p{Script=Arabic}/u
  for (const { slug, translations } of categories) assert.match(translations.ur.name, letters, slug)
  for (const { slug, translations } of products) {
    assert.match(translations.ur.name, letters, slug)
    assert.match(translations.ur.description, /\p{Script=Arabic}.*۔$/u, slug)
  }
  for (const { sku, translations } of variants) assert.match(translations.ur.name, letters, sku)
  assert.deepEqual(repeated(products.map(({ translations }) => translations.ur.name)), [])
})

test('every price is a whole number of paisa and of cents, and variants go from cheap to dear', () => {
  for (const { sku, prices } of variants) {
    assert.deepEqual(Object.keys(prices), ['PKR', 'USD'], sku)
    for (const amount of Object.values(prices)) assert.ok(Number.isInteger(amount) && amount > 0, sku)
    const rupeesPerDollar = prices.PKR / prices.USD
    assert.ok(rupeesPerDollar > 70 && rupeesPerDollar < 320, `${sku}: ${rupeesPerDollar.toFixed()} rupees a dollar`)
  }
  for (const { slug, variants: sizes } of products)
    for (const [index, { prices }] of sizes.entries())
      assert.ok(prices.PKR >= (sizes[index - 1]?.prices.PKR ?? 0), slug)
})

test('most SKUs are well stocked, some are low, some are out, and of some one piece is left', () => {
  const counted = (holds: (stock: number) => boolean) => variants.filter(({ stock }) => holds(stock)).length
  for (const { sku, stock } of variants) assert.ok(Number.isInteger(stock) && stock >= 0, sku)
  assert.ok(counted((stock) => stock === 0) >= 3)
  assert.ok(counted((stock) => stock === 1) >= 1)
  assert.ok(counted((stock) => stock >= 1 && stock <= 5) >= 5)
  assert.ok(counted((stock) => stock >= 40) > variants.length * 0.9)
})

test('every picture that is named is there, every one that is there is named, and together they are light', () => {
  const named = products.map((product) => product.image)
  assert.deepEqual(
    pictures.filter((file) => !named.includes(file)),
    [],
  )
  assert.deepEqual(
    named.filter((file) => !pictures.includes(file)),
    [],
  )
  const bytes = pictures.reduce((sum, file) => sum + bytesOf(file), 0)
  assert.ok(bytes < 1.5 * 1024 * 1024, `${bytes} bytes`)
})

test('each picture lies beside in the width of a card, much lighter than itself, and nothing else does', () => {
  assert.deepEqual(small.toSorted(), pictures.map(inSmall).toSorted())
  for (const picture of pictures) assert.ok(bytesOf(inSmall(picture)) < 0.8 * bytesOf(picture), picture)
})

test('the tea that the documents order is on the shelf', () => {
  const tea = products.find(({ slug }) => slug === 'tapal-danedar')
  const variant = tea?.variants.find(({ sku }) => sku === 'TEA-TD-450')
  assert.deepEqual(variant?.prices, { PKR: 89900, USD: 399 })
  assert.ok(variant.stock >= 100)
})
