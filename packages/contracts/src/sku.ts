import { Type } from 'typebox'

const character = '[A-Za-z0-9._/+-]'
const hasLetterOrDigit = '(?=[^A-Za-z0-9]*[A-Za-z0-9])'
// A path's `.` and `..` are resolved away by clients, also when they are written %2E; some proxies do so behind a %2F.
const noDotsAlone = '(?!(?:.*/)?\\.{1,2}(?:/|$))'

const madeOf = 'letters a to z, digits, . _ - / + and single spaces inside; with a letter or a digit'
const pattern = `^${hasLetterOrDigit}${noDotsAlone}${character}+(?: ${character}+)*$`

/** A merchant's name of a thing that is sold, kept as it was first given; two that differ only by case are the same. */
export const Sku = Type.String({
  maxLength: 64,
  pattern,
  'x-must': `must be ${madeOf}; and no . or .. alone between slashes`,
  description: `${madeOf}; the case does not matter`,
  examples: ['TEA-TD-450'],
})

/** What two spellings of one SKU have in common: its ASCII letters as capitals, which is PostgreSQL's `upper` under "C". */
export const skuKey = (sku: string): string => sku.replaceAll(/[a-z]+/g, (letters) => letters.toUpperCase())
