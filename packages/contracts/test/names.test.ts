import assert from 'node:assert/strict'
import { test } from 'node:test'
import { type Names, nameFor, namesOf, namesOfVariant } from '@mart/contracts/names'

const named = (name: string, ur?: string): Names => ({ name, ...(ur && { translations: { ur: { name: ur } } }) })

test('a name is in Urdu for readers of Urdu where there is one, and says in which language it is', () => {
  assert.deepEqual(nameFor('ur', named('Tea', 'چائے')), { name: 'چائے', name_language: 'ur' })
  assert.deepEqual(nameFor('en', named('Tea', 'چائے')), { name: 'Tea', name_language: 'en' })
  for (const none of [named('Tea'), { name: 'Tea', translations: {} }, { name: 'Tea', translations: { ur: {} } }])
    assert.deepEqual(nameFor('ur', none), { name: 'Tea', name_language: 'en' })
})

test('a variant by itself is called by its product and what it is of that; in Urdu once the product is', () => {
  const [plain, translated] = [named('Tea'), named('Tea', 'چائے')]
  assert.deepEqual(namesOfVariant(plain, named('450 g', '450 گرام')), named('Tea, 450 g'))
  assert.deepEqual(namesOfVariant(translated, named('450 g', '450 گرام')), named('Tea, 450 g', 'چائے، 450 گرام'))
  assert.deepEqual(namesOfVariant(translated, named('450 g')), named('Tea, 450 g', 'چائے، 450 g'))
  for (const only of [named(''), null]) assert.deepEqual(namesOfVariant(translated, only), translated)
})

test('of a thing its names alone are taken', () => {
  assert.deepEqual(namesOf({ ...named('Tea', 'چائے'), sku: 'TEA' } as Names), named('Tea', 'چائے'))
  assert.deepEqual(namesOf({ ...named('Tea'), sku: 'TEA' } as Names), { name: 'Tea' })
})
