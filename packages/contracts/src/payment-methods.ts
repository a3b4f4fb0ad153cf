import { type Static, Type } from 'typebox'
import { formatMoney, type Money } from './money.ts'
import { stripeRefuses } from './stripe-amounts.ts'

export const PaymentMethod = Type.Enum(['payfast', 'stripe', 'cash_on_delivery'])
export type PaymentMethod = Static<typeof PaymentMethod>

export interface PaymentSettings {
  /** The methods that the shop has keys for, in the order to show them. */
  readonly methods: readonly PaymentMethod[]
  /** What Stripe is offered for; none named means every currency. */
  readonly stripeCurrencies: readonly string[]
  /** Cash on delivery up to this amount per currency (minor units); a currency that is not named takes no cash. */
  readonly cashLimit: Readonly<Record<string, number>>
  /** Cities that couriers take cash in; none named means everywhere in Pakistan. */
  readonly cashCities: readonly string[]
}

export interface Basket {
  readonly currency: string
  readonly country: string
  /** Not known yet when the methods are only listed. */
  readonly city?: string | undefined
  readonly total?: Money | undefined
}

export const UnavailableReason = Type.Enum([
  'not_accepted',
  'currency',
  'country',
  'city',
  'sum_too_small',
  'sum_too_large',
  'sum_not_payable',
])
export type UnavailableReason = Static<typeof UnavailableReason>

/** Why a method is not offered, in words that a buyer understands. */
export interface Unavailable {
  readonly code: UnavailableReason
  readonly message: string
}

/** What may be offered for a basket, in the order to show it. Order applies it at the door, payment lists by it. */
export function offeredMethods(settings: PaymentSettings, basket: Basket): PaymentMethod[] {
  return settings.methods.filter((method) => whyUnavailable(settings, basket, method) === null)
}

/** Why a basket cannot be paid by this method; null when it can. */
export function whyUnavailable(settings: PaymentSettings, basket: Basket, method: PaymentMethod): Unavailable | null {
  if (!settings.methods.includes(method)) return { code: 'not_accepted', message: 'This shop does not take it.' }
  return obstacles[method](settings, basket)
}

const obstacles: Record<PaymentMethod, (settings: PaymentSettings, basket: Basket) => Unavailable | null> = {
  payfast: (_, { currency, country }) => {
    if (currency !== 'PKR') return { code: 'currency', message: `PayFast takes PKR, not ${currency}.` }
    return country === 'PK' ? null : { code: 'country', message: 'PayFast is for addresses in Pakistan.' }
  },

  stripe: ({ stripeCurrencies: some }, { currency, total }) => {
    if (some.length > 0 && !some.includes(currency)) {
      return { code: 'currency', message: `Cards are taken for ${some.join(', ')}, not ${currency}.` }
    }
    const refused = total && total.amount > 0 && stripeRefuses(total)
    return refused ? { code: refused.code, message: `A payment by card ${refused.message}.` } : null
  },

  cash_on_delivery: ({ cashLimit, cashCities }, { currency, country, city, total }) => {
    const limit = cashLimit[currency]
    if (country !== 'PK') return { code: 'country', message: 'Couriers take cash in Pakistan alone.' }
    if (limit === undefined) return { code: 'currency', message: `Couriers take no cash in ${currency}.` }
    const isServed = city === undefined || cashCities.length === 0 || cashCities.some((one) => sameCity(one, city))
    if (!isServed) return { code: 'city', message: `Couriers take cash in ${cashCities.join(', ')} alone.` }
    if (total === undefined || total.amount <= limit) return null
    return { code: 'sum_too_large', message: `Couriers take up to ${formatMoney({ amount: limit, currency })}.` }
  },
}

const sameCity = (one: string, other: string) => one.trim().toLowerCase() === other.trim().toLowerCase()
