// The container `simulators`: what stands in for the payment providers whose keys are not set.

import { readSetting } from '../remote-mart.ts'
import { startStripeSimulator } from '../stripe-simulator/main.ts'
import { standsInForStripe } from './stands-in.ts'

const setting = (name: string) => readSetting(process.env, name) ?? ''

if (standsInForStripe(process.env)) {
  const simulator = await startStripeSimulator({
    port: 8010,
    host: '0.0.0.0',
    publicUrl: setting('SIMULATOR_PUBLIC_URL'),
    webhookUrl: setting('WEBHOOK_URL'),
    webhookSecret: setting('STRIPE_WEBHOOK_SECRET'),
    apiKey: setting('STRIPE_SECRET_KEY'),
    stateFile: '/simulators/stripe-simulator.json',
  })
  console.log(`The Stripe simulator is at ${setting('SIMULATOR_PUBLIC_URL')}`)
  for (const signal of ['SIGTERM', 'SIGINT'] as const) process.once(signal, () => void simulator.stop())
} else {
  console.log("No simulator runs: this is production, or Stripe's own keys are set.")
}
