import assert from 'node:assert/strict'
import { test } from 'node:test'
import { emailAddress } from '../src/email.ts'

test('an address is kept as it was typed, without the space around it', () => {
  for (const address of ['sana@example.com', "O'Hara+shop@Mail.Example.PK", '_@a-b.info', 'a.b-c@xn--exmple-cua.com'])
    assert.equal(emailAddress(` ${address}\n`), address)
})

test('a domain in any letters is kept in the form that mail servers know', () => {
  for (const domain of ['exämple.com', 'EXÄMPLE.com', 'exa\u0308mple.com'])
    assert.equal(emailAddress(`ab@${domain}`), 'ab@xn--exmple-cua.com', domain)
  assert.equal(emailAddress('ab@پاکستان.com'), 'ab@xn--mgbai9azgqp6j.com')
})

test('what no mail server here takes is none', () => {
  for (const text of [
    '',
    'sana',
    'sana@',
    '@example.com',
    'sana@example',
    'me@nowhere',
    'sänä@example.com',
    'ثنا@example.com',
    'sänä@exämple.com',
    // Its last part has a digit in ASCII, which the accounts do not take.
    'sana@مثال.پاکستان',
    'a@b@exämple.com',
    'a b@example.com',
    '.a@example.com',
    'a..b@example.com',
    'a.@example.com',
    'a@example.com\nbcc: b@example.com',
    'a@example.com, b@example.com',
    'Sana <sana@example.com>',
    'a@ex\u00admple.com',
    'a@exä/mple.com',
    'a@exä:80.com',
    'a@１.２.３.４',
    'a@example..com',
    '"a b"@example.com',
    `a@${'ä'.repeat(100_000)}.com`,
    'a.'.repeat(100_000),
    '@'.repeat(100_000),
  ])
    assert.equal(emailAddress(text), null, text.slice(0, 40))
})
