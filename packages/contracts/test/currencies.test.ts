import assert from 'node:assert/strict'
import { test } from 'node:test'
import { CurrencyCode, currencyCodes, isCurrency, minorDigits } from '@mart/contracts/currencies'
import { formatMoney, MoneyInput, toDecimal } from '@mart/contracts/money'
import { Ajv } from 'ajv'

// Of ISO 4217, list one: what is not two digits. ICU writes rials, forints, rupiahs and dinars as people do, without any.
const notTwo: Readonly<Record<number, string>> = {
  0: 'BIF CLP DJF GNF ISK JPY KMF KRW PYG RWF UGX UYI VND VUV XAF XOF XPF',
  3: 'BHD IQD JOD KWD LYD OMR TND',
  4: 'CLF UYW',
}

test('digits are the standard’s, whatever ICU thinks of a currency', () => {
  for (const [digits, codes] of Object.entries(notTwo)) {
    for (const code of codes.split(' ')) assert.equal(minorDigits(code), Number(digits), code)
  }
  const others = currencyCodes.filter((code) => !Object.values(notTwo).some((codes) => codes.includes(code)))
  assert.ok(others.length > 120)
  for (const code of others) assert.equal(minorDigits(code), 2, code)
  for (const code of 'AFN ALL COP HUF IDR IRR KPW LAK LBP MGA MMK PKR SOS SYP YER'.split(' ')) {
    assert.ok(others.includes(code), code)
  }
})

test('money is written with the digits of the standard, every one of them', () => {
  assert.equal(formatMoney({ amount: 123_456, currency: 'HUF' }), 'Ft 1,234.56')
  assert.equal(formatMoney({ amount: 5, currency: 'IQD' }), 'IQD 0.005')
  assert.equal(formatMoney({ amount: 1_500, currency: 'UGX' }), 'UGX 1,500')
  assert.equal(formatMoney({ amount: 12_345, currency: 'CLF' }), 'CLF 1.2345')
  for (const currency of currencyCodes) {
    const written = formatMoney({ amount: 1_234_567, currency }).replace(/[^\d.]/g, '')
    assert.equal(written.replace(/^\.+/, ''), toDecimal({ amount: 1_234_567, currency }), currency)
  }
})

test('a code that nothing can be sold for is refused at the doors', () => {
  const isMoney = new Ajv({ strict: false }).compile(MoneyInput)
  for (const code of ['PKR', 'USD', 'IDR', 'KWD', 'XCG', 'ZWG']) {
    assert.ok(isCurrency(code) && isMoney({ amount: 1, currency: code }), code)
  }
  for (const code of ['ABC', 'ZZZ', 'XXX', 'XTS', 'XAU', 'HRK', 'DEM', 'pkr', 'PK', 'PKRR', '', 'PKR ', 'РKR']) {
    assert.ok(!isCurrency(code) && !isMoney({ amount: 1, currency: code }), code)
  }
  assert.deepEqual((CurrencyCode as unknown as { enum: string[] }).enum, currencyCodes)
  assert.deepEqual(currencyCodes, currencyCodes.toSorted())
  assert.equal(new Set(currencyCodes).size, currencyCodes.length)
})
