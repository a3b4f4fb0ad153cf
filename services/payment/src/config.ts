import type { PaymentSettings } from '@mart/contracts/payment-methods'
import { amountsPerCurrency, ConfigError, type ConfigOf, listed } from '@mart/service-kit/config'
import { Type } from 'typebox'

export const settings = {
  PORT: Type.Integer({ minimum: 0, maximum: 65_535, default: 8008 }),
  PAYMENT_METHODS: Type.String({ default: 'cash_on_delivery', description: 'what the shop offers, in order' }),
  STRIPE_SECRET_KEY: Type.Optional(Type.String()),
  STRIPE_WEBHOOK_SECRET: Type.Optional(Type.String({ description: 'several, comma-separated, while rolling over' })),
  STRIPE_API_URL: Type.Optional(
    Type.String({ pattern: '^https?://[^/]+/?$', description: 'Stripe itself unless set' }),
  ),
  PUBLIC_URL: Type.String({ pattern: '^https?://', default: 'http://127.0.0.1:8008' }),
  COD_LIMIT: Type.String({ default: 'PKR:10000000', description: 'cash on delivery up to, minor units' }),
  COD_CITIES: Type.String({ default: '', description: 'where couriers take cash; empty: everywhere in Pakistan' }),
  MART_PROVIDERS: Type.Optional(Type.Enum(['simulated'])),
}
export type Config = ConfigOf<typeof settings>

export interface StripeSettings {
  readonly secretKey: string
  readonly webhookSecrets: readonly string[]
  readonly apiUrl: string | undefined
  readonly publicUrl: string
}

export interface Shop {
  readonly payment: PaymentSettings
  /** Null where the shop has no keys for it. */
  readonly stripe: StripeSettings | null
  /** Where a browser reaches this service; no slash at its end. */
  readonly publicUrl: string
}

const known = ['stripe', 'cash_on_delivery'] as const

/** The shop's settings, checked together. Throws ConfigError with every problem at once. */
export function shopOf(config: Config): Shop {
  const problems: string[] = []
  const methods = listed(config.PAYMENT_METHODS).flatMap((name) => {
    const method = known.find((one) => one === name)
    if (!method) problems.push(`PAYMENT_METHODS: ${name} is none of ${known.join(', ')}`)
    return method ?? []
  })
  const { STRIPE_SECRET_KEY: secretKey, STRIPE_API_URL: apiUrl, MART_PROVIDERS: providers } = config
  const webhookSecrets = listed(config.STRIPE_WEBHOOK_SECRET ?? '')
  if (methods.includes('stripe') && !secretKey)
    problems.push('STRIPE_SECRET_KEY: is not set, but PAYMENT_METHODS has stripe')
  if (secretKey && webhookSecrets.length === 0)
    problems.push('STRIPE_WEBHOOK_SECRET: is not set, but STRIPE_SECRET_KEY is')
  if (providers === 'simulated' && config.NODE_ENV === 'production') {
    problems.push('MART_PROVIDERS: simulated is refused with NODE_ENV=production')
  }
  if (providers === 'simulated' && /^(sk|rk)_live_/.test(secretKey ?? '')) {
    problems.push('MART_PROVIDERS: simulated is refused with a live STRIPE_SECRET_KEY')
  }
  if (problems.length > 0)
    throw new ConfigError(`Bad configuration:\n${problems.map((line) => `  ${line}`).join('\n')}`)
  const publicUrl = config.PUBLIC_URL.replace(/\/+$/, '')
  return {
    payment: {
      methods,
      cashLimit: amountsPerCurrency('COD_LIMIT', config.COD_LIMIT),
      cashCities: listed(config.COD_CITIES),
    },
    stripe: secretKey ? { secretKey, webhookSecrets, apiUrl, publicUrl } : null,
    publicUrl,
  }
}
