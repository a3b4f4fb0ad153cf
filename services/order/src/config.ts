import {
  amountProblems,
  amountsPerCurrency,
  paymentSettingProblems,
  paymentSettings,
  sharedPaymentSettings,
} from '@mart/contracts/payment-settings'
import type { ConfigOf } from '@mart/service-kit/config'
import { guestLinkProblems } from '@mart/service-kit/guest-links'
import { Type } from 'typebox'
import type { PlacingRules } from './new-order.ts'

export const settings = {
  ...sharedPaymentSettings,
  SHIPPING_RATES: Type.String({ default: 'PKR:25000,USD:1500', description: 'flat rate per currency, minor units' }),
  FREE_SHIPPING_FROM: Type.String({
    default: '',
    description: 'the subtotal per currency from which delivery costs nothing, minor units; empty: none',
  }),
  COD_UNVERIFIED_LIMIT: Type.String({
    default: 'PKR:1000000',
    description: 'the one open cash order of an account whose e-mail address is not proven, up to, minor units',
  }),
  PAYMENT_WINDOW_S: Type.Integer({ minimum: 1, default: 1800 }),
  MAX_QUANTITY: Type.Integer({
    minimum: 1,
    maximum: 999,
    default: 50,
    description: 'pieces of one SKU in one order, unless its variant says another number',
  }),
  RETURN_DAYS: Type.Integer({
    minimum: 0,
    maximum: 365,
    default: 14,
    description: 'so long after its delivery something can be sent back; 0: nothing can',
  }),
  MAX_OPEN_ORDERS: Type.Integer({ minimum: 1, default: 20 }),
  GUEST_LINK_SECRET: Type.String({
    default: '',
    description: 'makes the links of guests; empty: nobody orders as a guest',
  }),
  GUEST_DATA_DAYS: Type.Integer({
    minimum: 1,
    maximum: 3_650,
    default: 180,
    description: 'so long after his order is over a guest is forgotten',
  }),
}
export type Config = ConfigOf<typeof settings>

export interface ShopRules extends PlacingRules {
  readonly paymentWindowMs: number
}

/** What is wrong with the shop's settings, a line each. */
export const shopProblems = (given: Partial<Config>): string[] => [
  ...paymentSettingProblems(given),
  ...guestLinkProblems(given),
  ...amountProblems('SHIPPING_RATES', given.SHIPPING_RATES ?? ''),
  ...amountProblems('FREE_SHIPPING_FROM', given.FREE_SHIPPING_FROM ?? ''),
  ...amountProblems('COD_UNVERIFIED_LIMIT', given.COD_UNVERIFIED_LIMIT ?? ''),
]

/** The shop's rules out of settings in which `shopProblems` found nothing. */
export function shopRules(config: Config): ShopRules {
  const unprovenCash = amountsPerCurrency(config.COD_UNVERIFIED_LIMIT)
  return {
    shippingRates: amountsPerCurrency(config.SHIPPING_RATES),
    freeShippingFrom: amountsPerCurrency(config.FREE_SHIPPING_FROM),
    maxQuantity: config.MAX_QUANTITY,
    payment: paymentSettings(config),
    paymentWindowMs: config.PAYMENT_WINDOW_S * 1000,
    openOrders: config.MART_RATE_LIMITS === 'off' ? null : { most: config.MAX_OPEN_ORDERS, unprovenCash },
  }
}
