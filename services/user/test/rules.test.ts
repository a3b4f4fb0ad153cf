import assert from 'node:assert/strict'
import { test } from 'node:test'
import { tokenSeconds } from '../src/account.ts'
import { type AddressRow, addressShape, changedAddress, newAddress } from '../src/address.ts'
import { linkOf, mailText } from '../src/mail.ts'
import { hashPassword, verifyPassword } from '../src/password.ts'

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

test('a reset link keeps its token where no server sees it', () => {
  assert.equal(linkOf('reset_password', 'a/b', 'http://mart.test/'), 'http://mart.test/reset-password#token=a%2Fb')
  assert.equal(
    linkOf('verify_email', 'a/b', 'http://mart.test'),
    'http://mart.test/auth/verify-email?token=a%2Fb&callbackURL=%2Femail-verified',
  )
})

test('a name in a mail is text, never markup or a link, and absent where the address is not proven', () => {
  const link = 'http://x/?a=1&b=2'
  const { html, text } = mailText('reset_password', { name: `<b>"&' evil.example`, link })
  assert.ok(html.includes('Hello &lt;b&gt;&quot;&amp;&#39;,') && html.includes('href="http://x/?a=1&amp;b=2"'))
  assert.ok(text.includes(`Hello <b>"&',`) && text.includes(link))
  const unproven = mailText('verify_email', { name: null, link })
  assert.match(unproven.text, /^Hello,\n/)
  assert.match(unproven.html, /<p>Hello,<\/p>/)
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
