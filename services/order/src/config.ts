import type { PaymentSettings } from '@mart/contracts/payment-methods'
import {
  amountProblems,
  amountsPerCurrency,
  paymentSettingProblems,
  paymentSettings,
} from '@mart/contracts/payment-settings'
import type { ConfigOf } from '@mart/service-kit/config'
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

/** What is wrong with the shop's settings, a line each. */
export const shopProblems = (given: Partial<Config>): string[] => [
  ...paymentSettingProblems(given),
  ...amountProblems('SHIPPING_RATES', given.SHIPPING_RATES ?? ''),
  ...amountProblems('COD_UNVERIFIED_LIMIT', given.COD_UNVERIFIED_LIMIT ?? ''),
]

/** The shop's rules out of settings in which `shopProblems` found nothing. */
export function shopRules(config: Config): ShopRules {
  const unprovenCash = amountsPerCurrency(config.COD_UNVERIFIED_LIMIT)
  return {
    shippingRates: amountsPerCurrency(config.SHIPPING_RATES),
    maxQuantity: config.MAX_QUANTITY,
    payment: paymentSettings(config),
    paymentWindowMs: config.PAYMENT_WINDOW_S * 1000,
    openOrders: config.MART_RATE_LIMITS === 'off' ? null : { most: config.MAX_OPEN_ORDERS, unprovenCash },
  }
}
