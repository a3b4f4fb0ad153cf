import assert from 'node:assert/strict'
import { createHash } from 'node:crypto'
import { test } from 'node:test'
import { treeOf } from '../src/category.ts'
import { LISTING_FORM, listingOf } from '../src/listing.ts'
import type { Product, Variant } from '../src/product.ts'

/** With everything that a product can have: a new field is missing here, and the compiler says so. */
const product: Required<Product> & { readonly variants: readonly Required<Variant>[] } = {
  id: '01a20000-0000-7000-8000-000000000001',
  slug: 'gulab-jamun',
  name: 'Haldiram’s Gulab Jamun (tin) in Sugar Syrup 1 kg گلاب',
  description: 'Soft dumplings of milk, 2 × 500 g each; ready to be warmed.',
  status: 'published',
  category_ids: ['01a20000-0000-7000-8000-0000000000c2'],
  image_urls: ['/images/tin.webp'],
  variants: [
    {
      id: '01a20000-0000-7000-8000-0000000000a1',
      sku: 'GJ-1KG',
      name: '1 kg tin',
      options: { size: '1 kg' },
      prices: [
        { amount: 95_000, currency: 'PKR' },
        { amount: 499, currency: 'USD' },
      ],
      max_quantity: 6,
      translations: { ur: { name: '1 کلو کا ٹین' } },
    },
    {
      id: '01a20000-0000-7000-8000-0000000000a2',
      sku: 'GJ-2KG',
      name: '2 kg tin',
      options: { size: '2 kg' },
      prices: [{ amount: 180_000, currency: 'PKR' }],
      max_quantity: 3,
      translations: {},
    },
  ],
  translations: { ur: { name: 'شیرے والے گلاب جامن', description: 'دودھ کے نرم گلاب جامن۔' } },
  version: 4,
  created_at: new Date(0),
  updated_at: new Date(1),
}
const category = (id: string, name: string, parent_id: string | null, translations = {}) => ({
  ...{ id, slug: id, name, parent_id, translations },
})
const tree = treeOf([
  category('01a20000-0000-7000-8000-0000000000c1', 'Sweets', null),
  category('01a20000-0000-7000-8000-0000000000c2', 'Mithai', '01a20000-0000-7000-8000-0000000000c1', {
    ur: { name: 'مٹھائی' },
  }),
])

/** What each form made of the product above, the first first. Lines are added and never changed. */
const digests = ['c0850c54a9b4c286', '61fc4fbc728b6905', '53153bdc62786e67']

test('what is made of a product is what this form of listings says', () => {
  const { words, ...listing } = listingOf(product, { tree, availability: new Map([['GJ-1KG', 'low']]) })
  const made = JSON.stringify([listing, words.tsvector, [...words.spellings]])
  const digest = createHash('sha256').update(made).digest('hex').slice(0, 16)
  assert.equal(digest, digests.at(-1), `Listings have another form now: raise LISTING_FORM and add '${digest}' above.`)
  assert.equal(LISTING_FORM, digests.length)
})
