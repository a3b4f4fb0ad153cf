import assert from 'node:assert/strict'
import { test } from 'node:test'
import { standsInForPayfast, standsInForStripe } from '../src/containers/stands-in.ts'

const who = (env: NodeJS.ProcessEnv) => [standsInForStripe(env) && 'stripe', standsInForPayfast(env) && 'payfast']

test('the simulators of the containers stand in where no key is set, and for nobody in production', () => {
  const demo = { MART_PROVIDERS: 'simulated', STRIPE_SECRET_KEY: '', PAYFAST_MERCHANT_ID: '' }
  assert.deepEqual(who(demo), ['stripe', 'payfast'])
  assert.deepEqual(who({ ...demo, STRIPE_SECRET_KEY: 'sk_test_1' }), [false, 'payfast'])
  assert.deepEqual(who({ ...demo, STRIPE_SECRET_KEY: 'sk_live_1' }), [false, false])
  assert.deepEqual(who({ ...demo, PAYFAST_MERCHANT_ID: '7' }), ['stripe', false])
  // What else a shop needs, its mail server for instance, these containers are not told.
  for (const MART_PROVIDERS of ['', 'simulated'])
    assert.deepEqual(who({ MART_PROVIDERS, NODE_ENV: 'production' }), [false, false])
})
