// The container `simulators`: what stands in for the payment providers whose keys are not set.

import { startSimulators } from '@mart/simulators/simulators'
import { readSetting } from '../remote-mart.ts'
import { standsInForPayfast, standsInForStripe } from './stands-in.ts'

const setting = (name: string) => readSetting(process.env, name) ?? ''

const stripe = standsInForStripe(process.env) && {
  apiKey: setting('STRIPE_SECRET_KEY'),
  webhookSecret: setting('STRIPE_WEBHOOK_SECRET'),
  webhookUrl: setting('WEBHOOK_URL'),
  stateFile: '/simulators/stripe-simulator.json',
}
const payfast = standsInForPayfast(process.env) && {
  merchantId: setting('PAYFAST_MERCHANT_ID'),
  securedKey: setting('PAYFAST_SECURED_KEY'),
  stateFile: '/simulators/payfast-simulator.json',
}
const names = [payfast && 'PayFast', stripe && 'Stripe'].filter(Boolean).join(' and ')

const publicUrl = setting('SIMULATOR_PUBLIC_URL')
// With none of them it serves its health alone: `up --wait` takes the end of a container for a fault.
const simulators = await startSimulators({
  port: 8010,
  host: '0.0.0.0',
  publicUrl,
  innerName: 'simulators',
  ...(stripe && { stripe }),
  ...(payfast && { payfast }),
})
console.log(
  names
    ? `${names}: simulated at ${publicUrl}`
    : "Nothing is simulated: this is production, or the providers' own keys are set.",
)
for (const signal of ['SIGTERM', 'SIGINT'] as const) process.once(signal, () => void simulators.stop())
