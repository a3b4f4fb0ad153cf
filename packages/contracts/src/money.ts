import { type Static, Type } from 'typebox'
import { CurrencyCode, minorDigits } from './currencies.ts'
import type { Language } from './language.ts'

export { minorDigits }

/** ISO 4217 alphabetic code as events and answers hold it: of yesterday's currencies, too. */
export const Currency = Type.String({ pattern: '^[A-Z]{3}$', description: 'ISO 4217 code', examples: ['PKR'] })

export const MAX_AMOUNT = 1_000_000_000_000

/** An amount in the currency's minor unit (paisa, cent): always an integer, never a float. */
export const Money = Type.Object(
  { amount: Type.Integer({ minimum: 0, maximum: MAX_AMOUNT, description: 'in minor units' }), currency: Currency },
  { additionalProperties: false },
)
export type Money = Static<typeof Money>

/** Money that a client names: of a currency that is in use. */
export const MoneyInput = Type.Object({ ...Money.properties, currency: CurrencyCode }, { additionalProperties: false })

/** A unit price times a whole quantity. Throws RangeError when the result is no safe integer. */
export function timesQuantity(price: Money, quantity: number): Money {
  if (!Number.isInteger(quantity)) throw new RangeError(`A quantity is a whole number, not ${quantity}`)
  return { amount: safe(price.amount * quantity), currency: price.currency }
}

/** As people write it: 124000 PKR is "Rs 1,240" (its space does not break), 399 USD "$3.99". */
export const moneyText = (money: Money, language: Language): string =>
  // A decimal string keeps every digit where a division into a float might not.
  formatter(language, money.currency).format(toDecimal(money) as Intl.StringNumericLiteral)

/** The same in an English sentence, with plain spaces. */
export const formatMoney = (money: Money): string => moneyText(money, 'en').replaceAll('\u00a0', ' ')

/** In major units as a decimal string: 89900 PKR becomes "899.00", 500 JPY "500". */
export function toDecimal({ amount, currency }: Money): string {
  const digits = minorDigits(currency)
  if (digits === 0) return String(amount)
  const padded = String(amount).padStart(digits + 1, '0')
  return `${padded.slice(0, -digits)}.${padded.slice(-digits)}`
}

const formatters = new Map<string, Intl.NumberFormat>()

function formatter(language: Language, currency: string): Intl.NumberFormat {
  const name = `${language} ${currency}`
  let found = formatters.get(name)
  if (!found) {
    const digits = minorDigits(currency) // the standard's: CLDR writes what people use, rupees without paisa
    found = new Intl.NumberFormat(language === 'ur' ? 'ur-PK' : 'en-PK', {
      style: 'currency',
      currency,
      currencyDisplay: 'narrowSymbol',
      minimumFractionDigits: digits,
      maximumFractionDigits: digits,
      trailingZeroDisplay: 'stripIfInteger',
    })
    formatters.set(name, found)
  }
  return found
}

function safe(amount: number): number {
  if (!Number.isSafeInteger(amount)) throw new RangeError(`${amount} is beyond exact arithmetic`)
  return amount
}
