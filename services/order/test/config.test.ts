import assert from 'node:assert/strict'
import { test } from 'node:test'
import { readConfig, serviceSettings } from '@mart/service-kit/config'
import { startService } from '@mart/service-kit/start-service'
import { Type } from 'typebox'
import { type Config, settings, shopProblems, shopRules } from '../src/config.ts'
import { order } from '../src/main.ts'

const around = { PORT: '0', DATABASE_URL: 'postgres://x/y', EVENT_LOG_URL: 'postgres://x/z' }

const rulesWith = (env: Record<string, string>) => {
  const schema = Type.Object({ ...serviceSettings, ...settings })
  return shopRules(readConfig(schema, { ...around, ...env }, [shopProblems]) as Config)
}

test('the settings of order need nothing, and are read with spaces in them', () => {
  assert.deepEqual(rulesWith({}).shippingRates, { PKR: 25_000, USD: 1_500 })
  assert.deepEqual(rulesWith({}).freeShippingFrom, {})
  assert.deepEqual(rulesWith({ FREE_SHIPPING_FROM: 'PKR:500000, USD:9900' }).freeShippingFrom, {
    PKR: 500_000,
    USD: 9_900,
  })
  const rules = rulesWith({ COD_LIMIT: 'PKR:1, AED:2', PAYMENT_METHODS: 'stripe, payfast', STRIPE_CURRENCIES: ' USD,' })
  assert.deepEqual(rules.payment, {
    methods: ['stripe', 'payfast'],
    stripeCurrencies: ['USD'],
    cashLimit: { PKR: 1, AED: 2 },
    cashCities: [],
  })
})

test('what is wrong with the settings of order ends the start, all of it at once', async () => {
  const wrong = {
    ...around,
    SHIPPING_RATES: 'PKR:250.00,usd:1500,XYZ:1,XYZ:2',
    FREE_SHIPPING_FROM: 'PKR:5000.00',
    COD_LIMIT: 'HRK:1',
    COD_UNVERIFIED_LIMIT: 'PKR',
    STRIPE_CURRENCIES: 'USD,EURO',
    PAYMENT_METHODS: 'barter,stripe,cheque',
    MAX_QUANTITY: '0',
    GUEST_LINK_SECRET: `${'x'.repeat(32)},short`,
  }
  await assert.rejects(startService(order, wrong), (error: Error) => {
    assert.equal(error.name, 'ConfigError')
    assert.deepEqual(error.message.split('\n  ').slice(1).toSorted(), [
      'COD_LIMIT: HRK is no code of ISO 4217 in use',
      'COD_UNVERIFIED_LIMIT: "PKR" is not like PKR:25000 (currency, minor units)',
      'FREE_SHIPPING_FROM: "PKR:5000.00" is not like PKR:25000 (currency, minor units)',
      'GUEST_LINK_SECRET: each must have at least 32 characters',
      'MAX_QUANTITY: must be >= 1',
      'PAYMENT_METHODS: barter is none of payfast, stripe, cash_on_delivery',
      'PAYMENT_METHODS: cheque is none of payfast, stripe, cash_on_delivery',
      'SHIPPING_RATES: "PKR:250.00" is not like PKR:25000 (currency, minor units)',
      'SHIPPING_RATES: "usd:1500" is not like PKR:25000 (currency, minor units)',
      'SHIPPING_RATES: XYZ is no code of ISO 4217 in use',
      'SHIPPING_RATES: XYZ is there twice',
      'STRIPE_CURRENCIES: EURO is no code of ISO 4217 in use',
    ])
    return true
  })
})
