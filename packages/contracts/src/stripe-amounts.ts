import { minorDigits } from './currencies.ts'
import { formatMoney, MAX_AMOUNT, type Money } from './money.ts'

// Stripe's own rules, which are not ISO 4217's: https://docs.stripe.com/currencies#zero-decimal, #three-decimal and
// #special-cases. ISK and UGX have no minor unit, but are sent with two digits that are 00; MGA is sent whole.
const zeroDecimal = new Set('BIF CLP DJF GNF JPY KMF KRW MGA PYG RWF VND VUV XAF XOF XPF'.split(' '))
const threeDecimal = new Set('BHD JOD KWD OMR TND'.split(' '))

// https://docs.stripe.com/currencies#minimum-and-maximum-charge-amounts, in Stripe's unit. Stripe asks for as much in the
// currency that the account is settled in: so below the line, where it names no sum, what is about USD 0.50.
const leastCharges: Readonly<Record<string, number>> = {
  ...{ USD: 50, AED: 200, AUD: 50, BGN: 100, BRL: 50, CAD: 50, CHF: 50, CZK: 1_500, DKK: 250, EUR: 50, GBP: 30 },
  ...{ HKD: 400, HUF: 17_500, INR: 50, JPY: 50, MXN: 1_000, MYR: 200, NOK: 300, NZD: 50, PLN: 200, RON: 200 },
  ...{ SEK: 300, SGD: 50, THB: 1_000 },
  // ----
  ...{ PKR: 14_000, BDT: 6_000, LKR: 15_000, NPR: 7_000, SAR: 190, QAR: 180, KWD: 160, BHD: 190, OMR: 200, JOD: 360 },
  ...{ TND: 1_500, EGP: 2_400, TRY: 2_000, ILS: 170, CNY: 360, KRW: 700, TWD: 1_600, IDR: 800_000, PHP: 2_900 },
  ...{ VND: 13_000, ZAR: 900, NGN: 70_000, KES: 6_400, UGX: 180_000, MGA: 2_200, XOF: 290, XAF: 290, ISK: 6_500 },
  ...{ COP: 200_000, CLP: 470, ARS: 65_000, PEN: 180, UAH: 2_100 },
}

const LARGEST_CHARGE = 99_999_999
const largestCharges: Readonly<Record<string, number>> = { IDR: 999_999_999_999 }

/** Ours is the standard's minor unit; Stripe's may have more digits, or fewer. */
const stripeDigits = (currency: string) => (zeroDecimal.has(currency) ? 0 : threeDecimal.has(currency) ? 3 : 2)

/**
 * An amount as Stripe counts it: 1500 PKR (minor units) is 1500, 5 ISK is 500, 500 MGA is 5. Null for one that Stripe
 * cannot take: half an ariary, or thousandths of a dinar that are no whole hundredths.
 */
export function toStripeAmount({ amount, currency }: Money): number | null {
  const more = stripeDigits(currency) - minorDigits(currency)
  const there = more >= 0 ? amount * 10 ** more : amount / 10 ** -more
  if (!Number.isSafeInteger(there)) return null
  return threeDecimal.has(currency) && there % 10 !== 0 ? null : there
}

/**
 * Stripe's amount (and its lower-case code) in our minor unit. What ours cannot express, as half a króna, and what is of
 * no currency, comes as that number of XXX (no currency): nobody asked for it, and `toStripeAmount` gives it back.
 */
export function fromStripeAmount(amount: number, stripeCurrency: string | null | undefined): Money {
  const currency = (stripeCurrency ?? '').toUpperCase()
  const more = stripeDigits(currency) - minorDigits(currency)
  const here = more > 0 ? amount / 10 ** more : amount * 10 ** -more
  const isOurs = /^[A-Z]{3}$/.test(currency) && Number.isInteger(here) && here <= MAX_AMOUNT
  return isOurs ? { amount: here, currency } : { amount, currency: 'XXX' }
}

/** Why Stripe takes no payment of this sum, as the end of a sentence about it; null when it does. */
export function stripeRefuses(
  total: Money,
): { code: 'sum_too_small' | 'sum_too_large' | 'sum_not_payable'; message: string } | null {
  const { currency } = total
  const least = leastCharges[currency] ?? 1
  const largest = largestCharges[currency] ?? LARGEST_CHARGE
  const written = (stripeAmount: number) => formatMoney(fromStripeAmount(stripeAmount, currency))
  const there = toStripeAmount(total)
  if (there !== null && there < least) return { code: 'sum_too_small', message: `must be ${written(least)} or more` }
  if (there !== null && there > largest)
    return { code: 'sum_too_large', message: `must be ${written(largest)} at most` }
  const step = threeDecimal.has(currency) ? 10 : 1
  return there === null ? { code: 'sum_not_payable', message: `must be a multiple of ${written(step)}` } : null
}
