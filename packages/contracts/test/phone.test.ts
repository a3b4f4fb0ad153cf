import assert from 'node:assert/strict'
import { test } from 'node:test'
import { phoneNumber } from '../src/phone.ts'

test('a number in any writing is one number', () => {
  for (const text of [
    '03001234567',
    '+92 300 1234567',
    '+92 (0)300 1234567',
    '00923001234567',
    '923001234567',
    '0300.1234567',
    ' 0300 1234567',
    '0300\u00a01234567',
    '0300\u20111234567',
    '0300–1234567',
    '0300\u22121234567',
    '۰۳۰۰۱۲۳۴۵۶۷',
    '٠٣٠٠١٢٣٤٥٦٧',
    '＋９２３００１２３４５６７',
    '\u202a+92 300 1234567\u202c',
  ]) {
    assert.equal(phoneNumber(text), '+923001234567', text)
  }
  assert.equal(phoneNumber('(042) 35761999'), '+924235761999')
})

test('a national number is read as of the country that is given', () => {
  assert.equal(phoneNumber('(202) 555-0100', 'US'), '+12025550100')
  assert.equal(phoneNumber('+92 300 1234567', 'US'), '+923001234567')
  assert.equal(phoneNumber('0300 1234567', 'US'), null)
  assert.equal(phoneNumber('0300 1234567', 'AQ'), null, 'nobody has numbers there')
})

test('what can be no phone number is none', () => {
  for (const text of [
    '+((((((',
    '0----',
    '00000',
    '0000000000',
    '12345678901234567890123',
    '+9230012345678901',
    '0300 1234567 ext 5',
    'call 0300 1234567',
    '0300\n1234567',
    '+999 12345678',
    '15',
    '',
    'x'.repeat(100_000),
    '0'.repeat(100_000),
  ]) {
    assert.equal(phoneNumber(text), null, text.slice(0, 40))
  }
})
