import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import { nextPath } from '../src/shop/next-path.ts'

const shop = 'https://shop.example'
const evil = 'evil.example'

/** Where a browser goes that is sent there from the sign-in. */
const leadsTo = (path: string) => new URL(path, `${shop}/sign-in`)

// What addresses are written with; browsers read some of them as others, or as nothing.
const pieces = [
  ...[
    '/',
    '//',
    '\\',
    '.',
    '..',
    '%2e',
    '%2E',
    '%2f',
    '%5c',
    '%09',
    '%00',
    '%',
    '\t',
    '\n',
    '\r',
    ' ',
    '@',
    ':',
    '?',
    '#',
    '&',
    ';',
  ],
  ...['x', 'ü', '\ud800', 'http:', 'https:', 'javascript:', evil, 'shop.invalid', 'shop.example', 'user:pass@'],
]
const writings = fc.array(fc.constantFrom(...pieces), { maxLength: 12 }).map((some) => some.join(''))

test('however an address is written, where it goes on is of the shop', () => {
  fc.assert(
    fc.property(
      fc.oneof(
        writings,
        writings.map((some) => `/${some}`),
        fc.webUrl(),
        fc.string(),
      ),
      (given) => {
        const path = nextPath(given)
        assert.equal(leadsTo(path).origin, shop, path)
        assert.match(path, /^\/(?!\/)[!-~]*$/)
        assert.equal(nextPath(path), path, 'it stays where it is')
      },
    ),
    {
      numRuns: 20_000,
      examples: [
        ['/.//evil.example'],
        ['/x/..//evil.example'],
        ['/%2e//evil.example'],
        ['/%2E%2e/.//evil.example'],
        ['//shop.invalid//evil.example'],
        ['/\t/evil.example'],
        ['/.\\/evil.example'],
        ['/..///user:pass@evil.example'],
      ],
    },
  )
})

test('a path of the shop is gone on to as it is, anything else leads to the front page', () => {
  for (const path of [
    '/',
    '/cart',
    '/search?q=%2F%2Fevil&sort=name',
    '/orders/1?next=//evil.example',
    '/%2f/evil.example',
  ])
    assert.equal(nextPath(path), path)
  for (const given of [undefined, ['/cart'], '', 'cart', `/${'x'.repeat(2_000)}`]) assert.equal(nextPath(given), '/')
})
