import type { PaymentSettings } from '@mart/contracts/payment-methods'
import { amountsPerCurrency, ConfigError, type ConfigOf, listed } from '@mart/service-kit/config'
import { Type } from 'typebox'
import type { OpenOrderLimits } from './open-orders.ts'

export const settings = {
  SHIPPING_RATES: Type.String({ default: 'PKR:25000,USD:1500', description: 'flat rate per currency, minor units' }),
  COD_LIMIT: Type.String({ default: 'PKR:10000000', description: 'cash on delivery up to, minor units' }),
  COD_CITIES: Type.String({ default: '', description: 'where couriers take cash; empty: everywhere in Pakistan' }),
  COD_UNVERIFIED_LIMIT: Type.String({
    default: 'PKR:1000000',
    description: 'the one open cash order of an account whose e-mail address is not proven, up to, minor units',
  }),
  PAYMENT_METHODS: Type.String({ default: 'cash_on_delivery' }),
  STRIPE_CURRENCIES: Type.String({ default: '', description: 'what Stripe is offered for; empty: every currency' }),
  PAYMENT_WINDOW_S: Type.Integer({ minimum: 1, default: 1800 }),
  MAX_QUANTITY: Type.Integer({
    minimum: 1,
    maximum: 999,
    default: 50,
    description: 'pieces of one SKU in one order, unless its variant says another number',
  }),
  MAX_OPEN_ORDERS: Type.Integer({ minimum: 1, default: 20 }),
}
export type Config = ConfigOf<typeof settings>

export interface ShopRules {
  readonly shippingRates: Readonly<Record<string, number>>
  readonly maxQuantity: number
  readonly payment: PaymentSettings
  readonly paymentWindowMs: number
  /** Null lifts them. */
  readonly openOrders: OpenOrderLimits | null
}

const known = ['payfast', 'stripe', 'cash_on_delivery'] as const

/** The shop's rules out of its settings. Throws ConfigError for a method that nobody knows. */
export function shopRules(config: Config): ShopRules {
  const methods = listed(config.PAYMENT_METHODS).map((name) => {
    const method = known.find((one) => one === name)
    if (!method) throw new ConfigError(`PAYMENT_METHODS: ${name} is none of ${known.join(', ')}`)
    return method
  })
  const unprovenCash = amountsPerCurrency('COD_UNVERIFIED_LIMIT', config.COD_UNVERIFIED_LIMIT)
  return {
    shippingRates: amountsPerCurrency('SHIPPING_RATES', config.SHIPPING_RATES),
    maxQuantity: config.MAX_QUANTITY,
    payment: {
      methods,
      stripeCurrencies: listed(config.STRIPE_CURRENCIES),
      cashLimit: amountsPerCurrency('COD_LIMIT', config.COD_LIMIT),
      cashCities: listed(config.COD_CITIES),
    },
    paymentWindowMs: config.PAYMENT_WINDOW_S * 1000,
    openOrders: config.MART_RATE_LIMITS === 'off' ? null : { most: config.MAX_OPEN_ORDERS, unprovenCash },
  }
}
