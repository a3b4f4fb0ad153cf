const known = new Set(Intl.supportedValuesOf('currency').map((code) => code.toLowerCase()))

// Stripe's own list, which is not ISO 4217's: MGA is whole here, ISK and UGX are sent with two decimals.
const zeroDecimal = new Set('bif clp djf gnf jpy kmf krw mga pyg rwf vnd vuv xaf xof xpf'.split(' '))
const threeDecimal = new Set('bhd jod kwd omr tnd'.split(' '))

// About USD 0.50; Stripe converts at the day's rate, so only the currencies met here are held to it.
const smallestCharges: Record<string, number> = { usd: 50, eur: 50, gbp: 30, aed: 200, inr: 5000, jpy: 50, pkr: 14_000 }

/** Of a session in all, and of each price in it. */
export const largestCharge = (currency: string): number => (currency === 'idr' ? 999_999_999_999 : 99_999_999)

export function isCurrency(code: string): boolean {
  return known.has(code)
}

export function decimals(currency: string): number {
  if (zeroDecimal.has(currency)) return 0
  return threeDecimal.has(currency) ? 3 : 2
}

export function smallestCharge(currency: string): number {
  return smallestCharges[currency] ?? 1
}

export function formatAmount(amount: number, currency: string): string {
  const digits = decimals(currency)
  const padded = String(amount).padStart(digits + 1, '0')
  const decimal = digits === 0 ? padded : `${padded.slice(0, -digits)}.${padded.slice(-digits)}`
  return new Intl.NumberFormat('en', {
    style: 'currency',
    currency,
    currencyDisplay: 'narrowSymbol',
    minimumFractionDigits: digits,
    maximumFractionDigits: digits,
  }).format(decimal as Intl.StringNumericLiteral)
}
