import { Type } from 'typebox'
import { isCurrency } from './currencies.ts'
import { PaymentMethod, type PaymentSettings } from './payment-methods.ts'

/** The settings that order and payment share, as an operator writes them: by them order takes what payment lists. */
export const sharedPaymentSettings = {
  PAYMENT_METHODS: Type.String({ default: 'cash_on_delivery', description: 'what the shop offers, in order' }),
  STRIPE_CURRENCIES: Type.String({ default: '', description: 'what Stripe is offered for; empty: every currency' }),
  COD_LIMIT: Type.String({ default: 'PKR:10000000', description: 'cash on delivery up to, minor units' }),
  COD_CITIES: Type.String({ default: '', description: 'where couriers take cash; empty: everywhere in Pakistan' }),
}
type Written = Readonly<Record<keyof typeof sharedPaymentSettings, string>>

/** What is wrong with them, a line each. */
export function paymentSettingProblems(given: Partial<Written>): string[] {
  const methods = parts(given.PAYMENT_METHODS ?? '')
  return [
    ...methods
      .filter((name) => !PaymentMethod.enum.some((one) => one === name))
      .map((name) => `PAYMENT_METHODS: ${name} is none of ${PaymentMethod.enum.join(', ')}`),
    ...currencyProblems('STRIPE_CURRENCIES', parts(given.STRIPE_CURRENCIES ?? '')),
    ...amountProblems('COD_LIMIT', given.COD_LIMIT ?? ''),
  ]
}

/** The settings in which `paymentSettingProblems` found nothing. */
export const paymentSettings = (given: Written): PaymentSettings => ({
  methods: parts(given.PAYMENT_METHODS).flatMap((name) => PaymentMethod.enum.find((one) => one === name) ?? []),
  stripeCurrencies: parts(given.STRIPE_CURRENCIES),
  cashLimit: amountsPerCurrency(given.COD_LIMIT),
  cashCities: parts(given.COD_CITIES),
})

const amount = /^([A-Z]{3}):(\d{1,12})$/

/** What is wrong with a setting like "PKR:25000,USD:1500", a line each. */
export function amountProblems(setting: string, text: string): string[] {
  const shapeless = parts(text).filter((part) => !amount.test(part))
  const codes = parts(text).flatMap((part) => amount.exec(part)?.[1] ?? [])
  const twice = new Set(codes.filter((code, at) => codes.indexOf(code) !== at))
  return [
    ...shapeless.map((part) => `${setting}: "${part}" is not like PKR:25000 (currency, minor units)`),
    ...currencyProblems(setting, codes),
    ...[...twice].map((code) => `${setting}: ${code} is there twice`),
  ]
}

/** Reads "PKR:25000,USD:1500", in which `amountProblems` found nothing, into minor units per currency. */
export const amountsPerCurrency = (text: string): Record<string, number> =>
  Object.fromEntries(parts(text).map((part) => [part.slice(0, 3), Number(part.slice(4))]))

const currencyProblems = (setting: string, codes: readonly string[]): string[] =>
  [...new Set(codes)]
    .filter((code) => !isCurrency(code))
    .map((code) => `${setting}: ${code} is no code of ISO 4217 in use`)

const parts = (text: string): string[] =>
  text
    .split(',')
    .map((part) => part.trim())
    .filter(Boolean)
