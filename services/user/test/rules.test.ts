import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import { tokenSeconds } from '../src/account.ts'
import { type AddressRow, addressShape, changedAddress, newAddress } from '../src/address.ts'
import { linkOf, mailText } from '../src/mail.ts'
import { hashPassword, verifyPassword } from '../src/password.ts'
import { keySteps, keyTimes, type SigningKey, signerOf } from '../src/signing-key.ts'

const body = { name: 'Ayesha', line1: '1 Mall Road', city: 'Lahore', country: 'PK', phone: '+92 300 1234567' }
const row: AddressRow = {
  id: '1',
  ...body,
  label: 'Home',
  line2: null,
  region: null,
  postal_code: '54000',
  is_default: true,
}

test('tokens of staff and admins live 5 minutes, of customers 15', () => {
  assert.deepEqual(['customer', 'staff', 'admin', 'anything'].map(tokenSeconds), [900, 300, 300, 300])
})

test('the first address is the default, whatever was asked', () => {
  assert.equal(newAddress({ ...body, is_default: false }, { isFirst: true }).is_default, true)
  assert.equal(newAddress(body, { isFirst: false }).is_default, false)
  assert.equal(newAddress({ ...body, is_default: true }, { isFirst: false }).is_default, true)
})

test('an empty optional field of an address is none, and is left out of the answer', () => {
  const fields = newAddress({ ...body, line2: '  ', label: 'Home' }, { isFirst: false })
  assert.equal(fields.line2, null)
  assert.deepEqual(addressShape({ id: '1', ...fields }), { id: '1', ...body, label: 'Home', is_default: false })
})

test('a change of an address leaves what it does not name', () => {
  const fields = changedAddress(row, { city: 'Multan', postal_code: '' })
  const { id: _, ...before } = row
  assert.deepEqual(fields, { ...before, city: 'Multan', postal_code: null })
})

test('a changed phone is read as of the country that the address has then, and kept as E.164', () => {
  assert.equal(changedAddress(row, { phone: '0301 7654321' }).phone, '+923017654321')
  assert.equal(changedAddress({ ...row, country: 'US' }, { phone: '(202) 555-0100' }).phone, '+12025550100')
  assert.equal(changedAddress(row, { country: 'US', phone: '(202) 555-0100' }).phone, '+12025550100')
  assert.throws(() => changedAddress(row, { phone: '12' }), { status: 422 })
  assert.equal(changedAddress(row, { city: 'Multan' }).phone, row.phone, 'an old writing stays readable')
})

const link = { token: 'a/b', language: 'en' } as const

test('a reset link keeps its token where no server sees it', () => {
  assert.equal(
    linkOf('reset_password', link, { USER_URL: 'http://mart.test/' }),
    'http://mart.test/reset-password#token=a%2Fb',
  )
  assert.equal(
    linkOf('verify_email', link, { USER_URL: 'http://mart.test' }),
    'http://mart.test/auth/verify-email?token=a%2Fb&callbackURL=%2Femail-verified',
  )
})

test('where there is a shop, links lead to its pages', () => {
  const places = { USER_URL: 'http://mart.test', SHOP_URL: 'https://shop.test' }
  assert.equal(linkOf('reset_password', link, places), 'https://shop.test/reset-password?token=a%2Fb')
  assert.equal(
    linkOf('change_email', { token: 'a/b', language: 'ur' }, places),
    'https://shop.test/api/auth/verify-email?token=a%2Fb&callbackURL=%2Femail-verified',
  )
})

test('a name in a mail is text, never markup or a link, and absent where the address is not proven', () => {
  const link = 'http://x/?a=1&b=2'
  const { html, text } = mailText('reset_password', { name: `<b>"&' evil.example`, link, language: 'en' })
  assert.ok(html.includes('Hello &lt;b&gt;&quot;&amp;&#39;,') && html.includes('href="http://x/?a=1&amp;b=2"'))
  assert.ok(text.includes(`Hello <b>"&',`) && text.includes(link))
  const unproven = mailText('verify_email', { name: null, link, language: 'en' })
  assert.match(unproven.text, /^Is this your e-mail address\?\n\nHello,\n/)
  assert.match(unproven.html, /<p[^>]*>Hello,<\/p>/)
})

test('a password is kept as an argon2id hash that names its cost, and only it fits', async () => {
  const hash = await hashPassword('correct horse')
  assert.match(hash, /^\$argon2id\$v=19\$m=19456,t=2,p=1\$[\w+/]{22}\$[\w+/]{43}$/)
  assert.notEqual(hash, await hashPassword('correct horse'))
  assert.equal(await verifyPassword({ hash, password: 'correct horse' }), true)
  assert.equal(await verifyPassword({ hash, password: 'correct horsf' }), false)
})

test('a hash made at another cost is verified at that cost', async () => {
  // A test vector of the reference implementation.
  const hash = '$argon2id$v=19$m=65536,t=2,p=1$c29tZXNhbHQ$CTFhFdXPJO1aFaMaO6Mm5c8y7cJHAph8ArZWb2GRPPc'
  assert.equal(await verifyPassword({ hash, password: 'password' }), true)
  assert.equal(await verifyPassword({ hash, password: 'passwore' }), false)
  await assert.rejects(verifyPassword({ hash: 'plain', password: 'plain' }), /not an argon2id/)
})

test('a password is the same however its letters were composed', async () => {
  assert.equal(await verifyPassword({ hash: await hashPassword('caf\u00e9 123'), password: 'cafe\u0301 123' }), true)
})

describe('signing keys', () => {
  const minute = 60_000
  const now = new Date('2026-11-30T12:00:00Z')
  const times = { renewedAfterMs: 1_000 * minute, publishedAheadMs: 15 * minute, keptForMs: 30 * minute }
  const key = (id: string, agoMinutes: number, endAsked: SigningKey['endAsked'] = null): SigningKey => ({
    id,
    signsFrom: new Date(now.getTime() - agoMinutes * minute),
    endAsked,
  })
  const steps = (...keys: SigningKey[]) => {
    const { revoked, dropped, made } = keySteps(keys, now, times)
    return { revoked, dropped, made: made && [made.why, (made.signsFrom.getTime() - now.getTime()) / minute] }
  }
  const nothing = { revoked: [], dropped: [], made: null }

  test('the first one signs at once; a young one stays; an old one, or one that shall go, gets a successor once', () => {
    assert.deepEqual(steps(), { ...nothing, made: ['first', 0] })
    assert.deepEqual(steps(key('a', 999)), nothing)
    assert.deepEqual(steps(key('a', 1_000)), { ...nothing, made: ['age', 15] })
    assert.deepEqual(steps(key('a', 1, 'replace')), { ...nothing, made: ['asked', 15] })
    assert.deepEqual(steps(key('a', 2_000, 'replace'), key('b', -1)), nothing)
  })

  test('of several the newest that may sign does, and whatever the clock says one does', () => {
    const [a, b, c] = [key('a', 10), key('b', 0), key('c', -1)]
    assert.equal(signerOf([a, b, c], now)?.id, 'b')
    assert.equal(signerOf([c], now)?.id, 'c')
    assert.equal(signerOf([], now), undefined)
  })

  test('one that signs no more is dropped when its last token has ended, not when it was made long ago', () => {
    assert.deepEqual(steps(key('a', 900), key('b', 29)), nothing)
    assert.deepEqual(steps(key('a', 900), key('b', 30)), { ...nothing, dropped: ['a'] })
    assert.deepEqual(steps(key('a', 900), key('b', 40), key('c', 20)), { ...nothing, dropped: ['a'] })
    assert.deepEqual(steps(key('a', 900), key('b', -10)), nothing)
  })

  test('a leak ends what it names, and another one signs at once unless one is left', () => {
    const leaked = (id: string, ago: number) => key(id, ago, 'revoke')
    assert.deepEqual(steps(leaked('a', 9), leaked('b', -1)), {
      revoked: ['a', 'b'],
      dropped: [],
      made: ['revoked', 0],
    })
    assert.deepEqual(steps(leaked('a', 9), key('b', 1)), { ...nothing, revoked: ['a'] })
  })

  test('a key is known to every verifier before it signs, and for longer than its last token lives', () => {
    const { publishedAheadMs, keptForMs } = keyTimes(90)
    const othersKeepItMs = 10 * minute
    assert.ok(publishedAheadMs > othersKeepItMs)
    assert.ok(keptForMs > tokenSeconds('customer') * 1_000 + minute)
  })
})
