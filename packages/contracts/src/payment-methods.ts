import { type Static, Type } from 'typebox'
import type { Money } from './money.ts'

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

/** What may be offered for a basket, in the order to show it. Order applies it at the door, payment lists by it. */
export function offeredMethods(settings: PaymentSettings, basket: Basket): PaymentMethod[] {
  return settings.methods.filter((method) => fits[method](settings, basket))
}

const fits: Record<PaymentMethod, (settings: PaymentSettings, basket: Basket) => boolean> = {
  payfast: (_, { currency, country }) => currency === 'PKR' && country === 'PK',
  stripe: ({ stripeCurrencies: some }, { currency }) => some.length === 0 || some.includes(currency),
  cash_on_delivery: ({ cashLimit, cashCities }, { currency, country, city, total }) => {
    const limit = cashLimit[currency]
    if (country !== 'PK' || limit === undefined) return false
    if (total !== undefined && total.amount > limit) return false
    return city === undefined || cashCities.length === 0 || cashCities.some((allowed) => sameCity(allowed, city))
  },
}

const sameCity = (one: string, other: string) => one.trim().toLowerCase() === other.trim().toLowerCase()
