import type { PaymentSettings } from '@mart/contracts/payment-methods'
import { paymentSettingProblems, paymentSettings, sharedPaymentSettings } from '@mart/contracts/payment-settings'
import { type ConfigOf, listed } from '@mart/service-kit/config'
import { Type } from 'typebox'
import { isTimeZone } from './cash/shop-day.ts'
import type { PayfastSettings } from './payfast/payfast-http-client.ts'
import { type Leases, leasesOf } from './provider-calls/leases.ts'
import type { StripeSettings } from './stripe/stripe-client.ts'

const address = {
  pattern: '^https?://[^/?#]+[^?#]*$',
  'x-must': 'must begin with http:// or https://, and have no ? and no #',
}
const httpAddress = { pattern: '^https?://', 'x-must': 'must begin with http:// or https://' }

const LONGEST_TIMEOUT_MS = 60_000

export const settings = {
  PORT: Type.Integer({ minimum: 0, maximum: 65_535, default: 8008 }),
  ...sharedPaymentSettings,
  STRIPE_SECRET_KEY: Type.Optional(Type.String()),
  STRIPE_WEBHOOK_SECRET: Type.Optional(Type.String({ description: 'several, comma-separated, while rolling over' })),
  STRIPE_API_URL: Type.Optional(
    Type.String({
      pattern: '^https?://[^/]+/?$',
      'x-must': 'must be like https://api.stripe.com, without a path',
      description: 'Stripe itself unless set',
    }),
  ),
  STRIPE_TIMEOUT_MS: Type.Integer({
    minimum: 100,
    maximum: LONGEST_TIMEOUT_MS,
    default: 10_000,
    description: 'how long an answer of Stripe’s is waited for',
  }),
  PAYFAST_MERCHANT_ID: Type.Optional(Type.String({ pattern: '^[0-9]+$', 'x-must': 'must be digits' })),
  PAYFAST_SECURED_KEY: Type.Optional(Type.String({ minLength: 1 })),
  PAYFAST_MERCHANT_NAME: Type.String({ default: 'AI Mart', description: 'shown to who pays' }),
  PAYFAST_CHECKOUT_URL: Type.Optional(Type.String({ ...address, description: '…/Ecommerce/api/Transaction' })),
  PAYFAST_PAGE_URL: Type.Optional(
    Type.String({ ...address, description: 'PAYFAST_CHECKOUT_URL as a browser reaches it, where that differs' }),
  ),
  PAYFAST_API_URL: Type.Optional(Type.String({ ...address, description: 'status and refunds: …/api' })),
  PAYFAST_SERVER_IP: Type.String({ default: '127.0.0.1', description: 'customer_ip of calls that no buyer makes' }),
  PAYFAST_TIMEOUT_MS: Type.Integer({
    minimum: 100,
    maximum: LONGEST_TIMEOUT_MS,
    default: LONGEST_TIMEOUT_MS,
    description: 'how long an answer of PayFast’s is waited for: 55 s were seen',
  }),
  PAYFAST_FALLBACK_EMAIL: Type.String({
    default: 'buyer@example.com',
    description: 'the shop’s own, for buyers without one: PayFast refuses a form that has none',
  }),
  PAYFAST_FALLBACK_PHONE: Type.String({
    pattern: '^03[0-9]{9}$',
    'x-must': 'must be 03 and nine digits',
    default: '03000000000',
    description: 'as above',
  }),
  PUBLIC_URL: Type.String({ ...httpAddress, default: 'http://127.0.0.1:8008' }),
  SHOP_URL: Type.Optional(
    Type.String({
      ...httpAddress,
      description: 'the shop window, where a buyer comes back to his order; none: a page of our own',
    }),
  ),
  WEBHOOK_URL: Type.Optional(Type.String({ ...httpAddress, description: 'where providers call' })),
  SHOP_TIME_ZONE: Type.String({ default: 'Asia/Karachi', description: 'where a day of the courier list begins' }),
  MART_PROVIDERS: Type.Optional(Type.Enum(['simulated'])),
}
export type Config = ConfigOf<typeof settings>

export interface Shop {
  readonly payment: PaymentSettings
  /** Null where the shop has no keys for it. */
  readonly stripe: StripeSettings | null
  readonly payfast: PayfastSettings | null
  readonly leases: Leases
  /** Where a browser reaches this service; no slash at its end. */
  readonly publicUrl: string
  /** The shop window; no slash at its end. */
  readonly shopUrl: string | null
}

const ofPayfast = ['PAYFAST_MERCHANT_ID', 'PAYFAST_SECURED_KEY', 'PAYFAST_CHECKOUT_URL', 'PAYFAST_API_URL'] as const

/** What is wrong with settings that belong together, a line each. */
export function shopProblems(given: Partial<Config>): string[] {
  const methods = listed(given.PAYMENT_METHODS ?? '')
  return [
    ...paymentSettingProblems(given),
    ...stripeProblems(given, methods),
    ...payfastProblems(given, methods),
    ...simulatorProblems(given),
    ...plainProblems(given),
    ...zoneProblems(given.SHOP_TIME_ZONE),
  ]
}

function stripeProblems({ STRIPE_SECRET_KEY: key, STRIPE_WEBHOOK_SECRET: secret }: Partial<Config>, methods: string[]) {
  return [
    ...(methods.includes('stripe') && !key ? ['STRIPE_SECRET_KEY: is not set, but PAYMENT_METHODS has stripe'] : []),
    ...(key && listed(secret ?? '').length === 0
      ? ['STRIPE_WEBHOOK_SECRET: is not set, but STRIPE_SECRET_KEY is']
      : []),
  ]
}

function payfastProblems(given: Partial<Config>, methods: string[]) {
  const missing = ofPayfast.filter((name) => !given[name])
  if (missing.length === 0 || (missing.length === ofPayfast.length && !methods.includes('payfast'))) return []
  const because = missing.length === ofPayfast.length ? 'PAYMENT_METHODS has payfast' : 'others of PAYFAST_… are'
  return missing.map((name) => `${name}: is not set, but ${because}`)
}

/** A simulator never stands beside a key that moves real money. PayFast's test hosts are named uat. */
function simulatorProblems(given: Partial<Config>) {
  if (given.MART_PROVIDERS !== 'simulated') return []
  const refused = 'MART_PROVIDERS: simulated is refused with'
  const payfast = URL.parse(given.PAYFAST_CHECKOUT_URL ?? '')
  return [
    ...(given.NODE_ENV === 'production' ? [`${refused} NODE_ENV=production`] : []),
    ...(/^(sk|rk)_live_/.test(given.STRIPE_SECRET_KEY ?? '') ? [`${refused} a live STRIPE_SECRET_KEY`] : []),
    ...(payfast?.protocol === 'https:' && !payfast.hostname.includes('uat')
      ? [`${refused} a live PAYFAST_CHECKOUT_URL`]
      : []),
  ]
}

const ofProviders = ['STRIPE_API_URL', 'PAYFAST_CHECKOUT_URL', 'PAYFAST_PAGE_URL', 'PAYFAST_API_URL'] as const

/** What goes to a provider moves money: in production nobody on the way may read or change it. */
const plainProblems = (given: Partial<Config>) =>
  ofProviders
    .filter((name) => given.NODE_ENV === 'production' && given[name]?.startsWith('http://'))
    .map((name) => `${name}: is http://, which is refused in production`)

const zoneProblems = (zone = 'UTC'): string[] =>
  isTimeZone(zone) ? [] : [`SHOP_TIME_ZONE: ${zone} is no time zone, as Asia/Karachi is`]

const withoutSlash = (url: string) => url.replace(/\/+$/, '')

/** The shop out of settings in which `shopProblems` found nothing. */
export function shopOf(config: Config): Shop {
  const { STRIPE_SECRET_KEY: secretKey, STRIPE_API_URL: apiUrl, STRIPE_TIMEOUT_MS: timeoutMs } = config
  const publicUrl = withoutSlash(config.PUBLIC_URL)
  const webhookSecrets = listed(config.STRIPE_WEBHOOK_SECRET ?? '')
  return {
    payment: paymentSettings(config),
    stripe: secretKey ? { secretKey, webhookSecrets, apiUrl, timeoutMs, publicUrl } : null,
    payfast: payfastOf(config, publicUrl),
    leases: leasesOf({ stripe: timeoutMs, payfast: config.PAYFAST_TIMEOUT_MS }),
    publicUrl,
    shopUrl: config.SHOP_URL ? withoutSlash(config.SHOP_URL) : null,
  }
}

function payfastOf(config: Config, publicUrl: string): PayfastSettings | null {
  const { PAYFAST_MERCHANT_ID: merchantId, PAYFAST_SECURED_KEY: securedKey } = config
  const { PAYFAST_CHECKOUT_URL: checkoutUrl, PAYFAST_API_URL: apiUrl } = config
  if (!merchantId || !securedKey || !checkoutUrl || !apiUrl) return null
  return {
    merchantId,
    securedKey,
    merchantName: config.PAYFAST_MERCHANT_NAME,
    checkoutUrl: withoutSlash(checkoutUrl),
    pageUrl: withoutSlash(config.PAYFAST_PAGE_URL ?? checkoutUrl),
    apiUrl: withoutSlash(apiUrl),
    serverIp: config.PAYFAST_SERVER_IP,
    timeoutMs: config.PAYFAST_TIMEOUT_MS,
    fallbackEmail: config.PAYFAST_FALLBACK_EMAIL,
    fallbackPhone: config.PAYFAST_FALLBACK_PHONE,
    publicUrl,
    webhookUrl: withoutSlash(config.WEBHOOK_URL ?? `${publicUrl}/webhooks`),
  }
}
