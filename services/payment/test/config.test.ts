import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import { readConfig, serviceSettings } from '@mart/service-kit/config'
import { Type } from 'typebox'
import { type Config, settings, shopOf, shopProblems } from '../src/config.ts'

const shopWith = (env: Record<string, string>) => {
  const schema = Type.Object({ ...serviceSettings, ...settings })
  const around = { DATABASE_URL: 'postgres://x/y', EVENT_LOG_URL: 'postgres://x/z' }
  return shopOf(readConfig(schema, { ...around, ...env }, [shopProblems]) as Config)
}
const payfast = {
  PAYFAST_MERCHANT_ID: '102',
  PAYFAST_SECURED_KEY: 'key',
  PAYFAST_CHECKOUT_URL: 'https://ipguat.apps.net.pk/Ecommerce/api/Transaction/',
  PAYFAST_API_URL: 'https://apipxyuat.apps.net.pk:8443/api/',
}
const keys = { STRIPE_SECRET_KEY: 'sk_test_1', STRIPE_WEBHOOK_SECRET: 'whsec_new, whsec_old' }

describe('the settings of payment', () => {
  test('need nothing: then there is cash on delivery', () => {
    const shop = shopWith({})
    assert.deepEqual(shop.payment, {
      methods: ['cash_on_delivery'],
      stripeCurrencies: [],
      cashLimit: { PKR: 10_000_000 },
      cashCities: [],
    })
    assert.equal(shop.payfast, null)
    assert.equal(shop.stripe, null)
  })

  test('take several webhook secrets, and a public address with or without a slash', () => {
    const shop = shopWith({ ...keys, PAYMENT_METHODS: 'stripe, cash_on_delivery', PUBLIC_URL: 'https://shop.example/' })
    assert.deepEqual(shop.payment.methods, ['stripe', 'cash_on_delivery'])
    assert.deepEqual(shop.stripe?.webhookSecrets, ['whsec_new', 'whsec_old'])
    assert.equal(shop.publicUrl, 'https://shop.example')
  })

  test('take PayFast by both of its addresses, with or without a slash', () => {
    const shop = shopWith({ ...payfast, PAYMENT_METHODS: 'payfast', MART_PROVIDERS: 'simulated' })
    assert.equal(shop.payfast?.checkoutUrl, 'https://ipguat.apps.net.pk/Ecommerce/api/Transaction')
    assert.equal(shop.payfast?.pageUrl, shop.payfast?.checkoutUrl)
    assert.equal(shop.payfast?.apiUrl, 'https://apipxyuat.apps.net.pk:8443/api')
    assert.equal(shop.payfast?.webhookUrl, 'http://127.0.0.1:8008/webhooks')
  })

  const refused: [string, Record<string, string>, RegExp][] = [
    ['Stripe without its key', { PAYMENT_METHODS: 'stripe' }, /STRIPE_SECRET_KEY: is not set/],
    [
      'a provider over plain http in production',
      { NODE_ENV: 'production', ...keys, STRIPE_API_URL: 'http://stripe.example' },
      /STRIPE_API_URL: is http:/,
    ],
    ['Stripe without a webhook secret', { STRIPE_SECRET_KEY: 'sk_test_1' }, /STRIPE_WEBHOOK_SECRET: is not set/],
    ['a method that nobody knows', { PAYMENT_METHODS: 'barter' }, /barter is none of/],
    ['simulators in production', { MART_PROVIDERS: 'simulated', NODE_ENV: 'production' }, /refused with NODE_ENV/],
    [
      'simulators beside a live key',
      { ...keys, MART_PROVIDERS: 'simulated', STRIPE_SECRET_KEY: 'rk_live_1' },
      /refused with a live STRIPE_SECRET_KEY/,
    ],
    ['PayFast without its keys', { PAYMENT_METHODS: 'payfast' }, /PAYFAST_API_URL: is not set, but PAYMENT_METHODS/],
    ['half of PayFast', { ...payfast, PAYFAST_SECURED_KEY: '' }, /PAYFAST_SECURED_KEY: is not set, but others/],
    [
      'simulators beside a live PayFast',
      {
        ...payfast,
        MART_PROVIDERS: 'simulated',
        PAYFAST_CHECKOUT_URL: 'https://ipg1.apps.net.pk/Ecommerce/api/Transaction',
      },
      /refused with a live PAYFAST_CHECKOUT_URL/,
    ],
    ['a limit that is no sum', { COD_LIMIT: 'PKR:much' }, /COD_LIMIT/],
    ['a limit in no currency', { COD_LIMIT: 'ABC:1' }, /COD_LIMIT: ABC is no code/],
    ['a currency that is none', { STRIPE_CURRENCIES: 'USD,usd' }, /STRIPE_CURRENCIES: usd is no code/],
    [
      'a time zone that is none',
      { SHOP_TIME_ZONE: 'Asia/Karatschi' },
      /SHOP_TIME_ZONE: Asia\/Karatschi is no time zone/,
    ],
  ]
  for (const [what, env, message] of refused) {
    test(`refuse ${what}`, () => {
      assert.throws(() => shopWith(env), { name: 'ConfigError', message })
    })
  }

  test('take a time zone by any name that Intl knows', () => {
    for (const zone of [
      'Asia/Kolkata',
      'Asia/Calcutta',
      'Europe/Kyiv',
      'Etc/UTC',
      'UTC',
      'GMT',
      'asia/karachi',
      '+05:30',
    ]) {
      assert.ok(shopWith({ SHOP_TIME_ZONE: zone }), zone)
    }
  })

  test('name every problem of one list at once', () => {
    const env = { COD_LIMIT: 'PKR:much,ABC:1', STRIPE_CURRENCIES: 'usd,XYZ' }
    assert.throws(() => shopWith(env), /usd[\s\S]*XYZ[\s\S]*PKR:much[\s\S]*ABC/)
  })

  test('name every problem at once', () => {
    const env = { PAYMENT_METHODS: 'stripe,barter', MART_PROVIDERS: 'simulated', NODE_ENV: 'production' }
    assert.throws(() => shopWith(env), /barter[\s\S]*STRIPE_SECRET_KEY[\s\S]*NODE_ENV/)
  })
})
