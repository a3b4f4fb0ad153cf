import assert from 'node:assert/strict'
import { test } from 'node:test'
import { Sku, skuKey } from '@mart/contracts/sku'
import { Ajv } from 'ajv'

const fits = new Ajv({ strict: false }).compile(Sku)

test('a SKU is what merchants write', () => {
  for (const sku of ['TEA-450', 'tea-450g', 'TEA/450', 'A B', '1.10', '000123', 'a_b+c', '-X', 'x'.repeat(64), '.5 L'])
    assert.deepEqual([sku, fits(sku)], [sku, true])
})

test('a SKU is nothing that no path can hold, nobody can read, or two could mistake', () => {
  const wrong = [
    '',
    '.',
    '..',
    '...',
    '-',
    '+/-',
    ' A',
    'A ',
    'A  B',
    'A\tB',
    'A\u00a0B',
    'A/..',
    '../A',
    'A/./B',
    'TÉA',
  ]
  for (const sku of [...wrong, 'چائے', '😀', 'A\n', 'A\0', 'A?', 'A%2F', 'x'.repeat(65), 'x'.repeat(1_000_000)])
    assert.deepEqual([sku, fits(sku)], [sku, false])
})

test('two spellings that differ by the case of ASCII letters are one SKU, and no others', () => {
  assert.equal(skuKey('tea/450 g'), skuKey('TEA/450 G'))
  assert.notEqual(skuKey('tea-450'), skuKey('tea-451'))
  assert.equal(skuKey('ı-ſ-ß'), 'ı-ſ-ß')
})
