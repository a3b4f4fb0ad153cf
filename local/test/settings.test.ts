import assert from 'node:assert/strict'
import { readFileSync, statSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { test } from 'node:test'
import { temporaryFolder } from '@mart/service-kit/testing-folder'
import { ignoredSettings, keepSecrets, readSecrets } from '../src/secrets.ts'
import { addressOf, readSettings } from '../src/settings.ts'
import { readStartArguments } from '../src/start-arguments.ts'

test('without any settings it is the demo mart on this machine', () => {
  const { given, dataDir, ...settings } = readSettings({ MART_HOST: '' })
  assert.match(dataDir, /\.data$/)
  assert.equal(given('MART_HOST'), undefined)
  assert.deepEqual(settings, {
    portOffset: 0,
    host: '127.0.0.1',
    adminEmail: undefined,
    adminPassword: undefined,
    catalogue: 'demo',
    startsKafka: false,
    simulateProviders: true,
    rateLimits: 'on',
    processes: 'one',
    hasShop: true,
    observes: false,
  })
})

test('every wrong setting is named at once', () => {
  const env = {
    MART_PORT_OFFSET: '-1',
    MART_CATALOGUE: 'full',
    MART_EVENT_LOG: 'redis',
    MART_RATE_LIMITS: 'no',
    MART_PROCESSES: 'many',
    MART_ADMIN_EMAIL: 'admin',
    MART_ADMIN_PASSWORD: '5ecret',
    PUBLIC_URL: 'mart.example',
    EVENT_LOG_URL: 'redis://here',
    SMTP_URL: 'boss:5ecret@mail.example',
    MART_PROVIDERS: 'all',
  }
  assert.throws(
    () => readSettings(env),
    (error: Error) => {
      assert.equal(error.name, 'MartFault')
      for (const name of Object.keys(env)) assert.match(error.message, new RegExp(`^${name} must`, 'm'))
      assert.ok(!error.message.includes('5ecret'), 'a password is never shown')
      return true
    },
  )
})

test('a Kafka is brought up where it is asked for, unless an event log is given', () => {
  const startsKafka = (env: Record<string, string>, ...args: string[]) =>
    readSettings({ ...env, ...readStartArguments(args).settings }).startsKafka
  assert.equal(startsKafka({}), false)
  assert.equal(startsKafka({}, '--kafka'), true)
  assert.equal(startsKafka({ MART_EVENT_LOG: 'kafka' }), true)
  assert.equal(startsKafka({ EVENT_LOG_URL: 'kafka://far:9092' }, '--kafka'), false)
})

test('an argument that nobody knows is named, and what there is is shown', () => {
  for (const unknown of ['--kafak', 'kafka'])
    assert.throws(() => readStartArguments([unknown]), {
      name: 'MartFault',
      message: new RegExp(`'${unknown}'[^]*npm start -- --kafka`),
    })
})

const production = { NODE_ENV: 'production', SMTP_URL: 'smtps://mail.example' }

test('production runs no mail catcher and has its limits', () => {
  assert.throws(() => readSettings({ NODE_ENV: 'production', MART_RATE_LIMITS: 'off' }), {
    message:
      'SMTP_URL must be set in production, where no mail catcher runs\nMART_RATE_LIMITS=off is refused in production',
  })
})

test('an admin whom the settings name after the first start is passed over, and that is said without the password', () => {
  const env = { MART_DATA_DIR: temporaryFolder() }
  const secrets = keepSecrets(readSettings(env))
  const ignored = (more: Record<string, string>) => ignoredSettings(readSettings({ ...env, ...more }), secrets)
  assert.deepEqual(ignored({}), [])
  assert.deepEqual(ignored({ MART_ADMIN_PASSWORD: secrets.adminPassword }), [])
  const said = ignored({ MART_ADMIN_EMAIL: 'boss@mart.example', MART_ADMIN_PASSWORD: 'another password' })
  assert.match(
    said.join('\n'),
    /^MART_ADMIN_EMAIL is passed over: .*admin@mart\.local.*\nMART_ADMIN_PASSWORD is passed/,
  )
  assert.doesNotMatch(said.join(), /another password/)
})

test('payments are not pretended in production or beside a live key', () => {
  assert.equal(readSettings(production).simulateProviders, false)
  assert.equal(readSettings({ STRIPE_SECRET_KEY: 'sk_live_1' }).simulateProviders, false)
  assert.equal(readSettings({ STRIPE_SECRET_KEY: 'sk_test_1' }).simulateProviders, true)
  const payfast = (host: string) => readSettings({ PAYFAST_CHECKOUT_URL: `https://${host}/Ecommerce/api/Transaction` })
  assert.equal(payfast('ipg1.apps.net.pk').simulateProviders, false)
  assert.equal(payfast('ipguat.apps.net.pk').simulateProviders, true)
  assert.throws(() => readSettings({ ...production, MART_PROVIDERS: 'simulated' }), /refused in production/)
})

test('a mart that listens everywhere is reached on this machine', () => {
  assert.equal(addressOf('0.0.0.0', 8000), 'http://127.0.0.1:8000')
  assert.equal(addressOf('::', 8000), 'http://[::1]:8000')
  assert.equal(addressOf('mart.lan', 8000), 'http://mart.lan:8000')
})

test('secrets are made up once, kept for their owner alone, and the first admin stays the first', () => {
  const dataDir = temporaryFolder()
  const first = keepSecrets(readSettings({ MART_DATA_DIR: dataDir, MART_ADMIN_EMAIL: 'boss@tea.example' }))
  assert.equal(statSync(join(dataDir, 'secrets.json')).mode & 0o777, 0o600)
  assert.equal(first.adminEmail, 'boss@tea.example')
  assert.ok(first.adminPassword.length >= 16)
  assert.equal(new Set(Object.values(first.databasePasswords)).size, 7)

  const second = keepSecrets(readSettings({ MART_DATA_DIR: dataDir, MART_ADMIN_EMAIL: 'other@tea.example' }))
  assert.deepEqual(second, first)
  assert.deepEqual(readSecrets(dataDir), first)
})

test('a secret added by a later version is made up beside the kept ones', () => {
  const dataDir = temporaryFolder()
  const settings = readSettings({ MART_DATA_DIR: dataDir })
  const { authSecret: _, ...others } = keepSecrets(settings)
  writeFileSync(join(dataDir, 'secrets.json'), JSON.stringify(others))
  assert.deepEqual({ ...keepSecrets(settings), authSecret: '' }, { ...others, authSecret: '' })
})

test('AUTH_SECRET from the environment wins and is not written down', () => {
  const dataDir = temporaryFolder()
  const secrets = keepSecrets(readSettings({ MART_DATA_DIR: dataDir, AUTH_SECRET: 'from-the-environment' }))
  assert.equal(secrets.authSecret, 'from-the-environment')
  assert.ok(!readFileSync(join(dataDir, 'secrets.json'), 'utf8').includes('from-the-environment'))
})

test('a broken secrets file gets one clear sentence and is left alone', () => {
  const dataDir = temporaryFolder()
  writeFileSync(join(dataDir, 'secrets.json'), '{ half')
  assert.throws(() => keepSecrets(readSettings({ MART_DATA_DIR: dataDir })), { name: 'MartFault', message: /not JSON/ })
  assert.equal(readFileSync(join(dataDir, 'secrets.json'), 'utf8'), '{ half')
})

test('a shop that no browser would open is refused', () => {
  const message = "MART_PORT_OFFSET must be another: no browser opens port 6000, the shop's"
  assert.throws(() => readSettings({ MART_PORT_OFFSET: '3000' }), { name: 'MartFault', message })
  readSettings({ MART_PORT_OFFSET: '3000', MART_SHOP: 'off' })
  readSettings({ MART_PORT_OFFSET: '3001' })
})
