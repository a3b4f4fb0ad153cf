import assert from 'node:assert/strict'
import { test } from 'node:test'
import { type ServiceName, serviceNames } from '@mart/contracts/services'
import type { Addresses } from '@mart/demo/visited-mart'
import { kafkaSettings } from '@mart/service-kit/kafka-settings'
import { temporaryFolder } from '@mart/service-kit/testing-folder'
import { databaseUrls } from '../src/databases.ts'
import { portsAt } from '../src/ports.ts'
import { keepSecrets } from '../src/secrets.ts'
import { kafkaSettingNames, serviceEnvironment } from '../src/service-environment.ts'
import { readSettings } from '../src/settings.ts'

function environmentOf(env: NodeJS.ProcessEnv = {}, kafkaUrl?: string) {
  const settings = readSettings({ ...env, MART_DATA_DIR: temporaryFolder(), MART_PORT_OFFSET: '100' })
  const secrets = keepSecrets(settings)
  const ports = portsAt(100)
  const address = (name: keyof typeof ports) => `http://127.0.0.1:${ports[name]}`
  const addresses = {
    ...Object.fromEntries(serviceNames.map((name) => [name, address(name)])),
    mail: address('mail'),
    simulators: address('simulators'),
  } as Addresses
  const around = {
    ...{ settings, secrets, ports, addresses },
    databaseUrls: databaseUrls(ports.postgres, secrets.databasePasswords),
    kafkaUrl,
    smtpUrl: env['SMTP_URL'] ?? 'smtp://127.0.0.1:1125',
  }
  return { secrets, of: (name: ServiceName) => serviceEnvironment(name, around) }
}

test('Kafka’s settings are those that a service reads', () => {
  assert.deepEqual(kafkaSettingNames, Object.keys(kafkaSettings))
})

test('each service is told its own secrets and no other’s', () => {
  const { secrets, of } = environmentOf()
  const {
    databasePasswords,
    superuserPassword,
    authSecret,
    guestLinkSecret,
    adminPassword,
    stripeSecretKey,
    stripeWebhookSecret,
    payfastSecuredKey,
  } = secrets
  const holders: [secret: string, who: ServiceName[]][] = [
    [superuserPassword, []],
    [databasePasswords.event_log, []],
    ...serviceNames.map((name): [string, ServiceName[]] => [databasePasswords[`mart_${name}`], [name]]),
    [authSecret, ['user']],
    [guestLinkSecret, ['order', 'notification']],
    [adminPassword, ['user']],
    [stripeSecretKey, ['payment']],
    [stripeWebhookSecret, ['payment']],
    [payfastSecuredKey, ['payment']],
  ]
  for (const [secret, who] of holders)
    assert.deepEqual(
      serviceNames.filter((name) => Object.values(of(name)).some((value) => value.includes(secret))),
      serviceNames.filter((name) => who.includes(name)),
    )
})

test('what the shop sets reaches whom it concerns, and nothing else of the environment does', () => {
  const { of } = environmentOf({
    COD_LIMIT: 'PKR:1',
    FREE_SHIPPING_FROM: 'PKR:1',
    MAX_OPEN_ORDERS: '3',
    MAX_QUANTITY: '9',
    SHOP_URL: 'https://mart.example',
    SMTP_URL: 'smtp://real',
    OTHER: 'x',
  })
  const knowing = (setting: string) => serviceNames.filter((name) => setting in of(name))
  assert.deepEqual(knowing('COD_LIMIT'), ['order', 'payment'])
  assert.deepEqual(knowing('FREE_SHIPPING_FROM'), ['order'])
  assert.deepEqual(knowing('MAX_OPEN_ORDERS'), ['order'])
  assert.deepEqual(knowing('MAX_QUANTITY'), ['order'])
  assert.deepEqual(knowing('SHOP_URL'), ['user', 'payment', 'notification'])
  assert.deepEqual(knowing('SMTP_URL'), ['user', 'notification'])
  assert.equal(of('user')['SMTP_URL'], 'smtp://real')
  assert.deepEqual(knowing('OTHER'), [])
})

test('services believe the gateway beside them, wherever it listens, and whom else they are told to', () => {
  const trusted = (env: NodeJS.ProcessEnv) => environmentOf(env).of('order')['TRUSTED_PROXIES']?.split(', ')
  assert.deepEqual(new Set(trusted({})), new Set(['127.0.0.1', '::1']))
  const lan = { MART_HOST: '192.168.1.5', TRUSTED_PROXIES: '10.0.0.7, 172.16.0.0/12' }
  assert.deepEqual(trusted(lan), ['127.0.0.1', '::1', '192.168.1.5', '10.0.0.7', '172.16.0.0/12'])
})

test('the simulator stands in for Stripe until there is a key', () => {
  const payment = environmentOf().of('payment')
  assert.equal(payment['STRIPE_API_URL'], 'http://127.0.0.1:8110')
  assert.equal(payment['MART_PROVIDERS'], 'simulated')
  assert.match(payment['STRIPE_SECRET_KEY'] ?? '', /^sk_test_/)

  const real = environmentOf({ STRIPE_SECRET_KEY: 'sk_test_mine', STRIPE_WEBHOOK_SECRET: 'whsec_mine' }).of('payment')
  assert.equal(real['STRIPE_SECRET_KEY'], 'sk_test_mine')
  assert.equal(real['STRIPE_WEBHOOK_SECRET'], 'whsec_mine')
  assert.equal(real['STRIPE_API_URL'], undefined)
})

test('the simulator stands in for PayFast until there is a merchant', () => {
  const { secrets, of } = environmentOf()
  const pretended = of('payment')
  assert.equal(pretended['PAYFAST_MERCHANT_ID'], '102')
  assert.equal(pretended['PAYFAST_SECURED_KEY'], secrets.payfastSecuredKey)
  assert.equal(pretended['PAYFAST_CHECKOUT_URL'], 'http://127.0.0.1:8110/payfast/Ecommerce/api/Transaction')
  assert.equal(pretended['PAYFAST_API_URL'], 'http://127.0.0.1:8110/payfast/api')

  const real = environmentOf({ PAYFAST_MERCHANT_ID: '4711', PAYFAST_SECURED_KEY: 'mine' }).of('payment')
  assert.equal(real['PAYFAST_MERCHANT_ID'], '4711')
  assert.equal(real['PAYFAST_SECURED_KEY'], 'mine')
  assert.equal(real['PAYFAST_CHECKOUT_URL'], undefined)
})

test('order and payment offer the same methods, a provider only where there is a key', () => {
  const production = { NODE_ENV: 'production', SMTP_URL: 'smtps://mail.example' }
  const offered = (env: NodeJS.ProcessEnv) => {
    const { of } = environmentOf(env)
    assert.equal(of('order')['PAYMENT_METHODS'], of('payment')['PAYMENT_METHODS'])
    return of('order')['PAYMENT_METHODS']
  }
  assert.equal(offered({}), 'payfast,stripe,cash_on_delivery')
  assert.equal(offered(production), 'cash_on_delivery')
  assert.equal(offered({ STRIPE_SECRET_KEY: 'sk_live_1' }), 'stripe,cash_on_delivery')
  const merchant = { ...production, PAYFAST_MERCHANT_ID: '4711' }
  assert.equal(offered(merchant), 'payfast,cash_on_delivery')
})

test('the event log is the embedded one, each service as its role, or the mart’s Kafka, or the one that is given', () => {
  assert.match(environmentOf().of('order')['EVENT_LOG_URL'] ?? '', /^postgres:\/\/mart_order:.*\/event_log$/)
  const kafka = 'kafka://127.0.0.1:9192'
  assert.equal(environmentOf({ MART_EVENT_LOG: 'kafka' }, kafka).of('order')['EVENT_LOG_URL'], kafka)
  const given = { EVENT_LOG_URL: 'kafka://far:9092' }
  assert.equal(environmentOf(given, kafka).of('order')['EVENT_LOG_URL'], 'kafka://far:9092')
})
