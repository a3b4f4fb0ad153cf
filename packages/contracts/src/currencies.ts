import { type Static, Type } from 'typebox'

// ISO 4217, list one (https://www.six-group.com/en/products-services/financial-information/data-standards.html), by digits
// behind the point; what has none (gold, the test code XTS, no currency XXX) is no money to sell for.
const byDigits: Readonly<Record<number, string>> = {
  0: 'BIF CLP DJF GNF ISK JPY KMF KRW PYG RWF UGX UYI VND VUV XAF XOF XPF',
  2: `AED AFN ALL AMD AOA ARS AUD AWG AZN BAM BBD BDT BMD BND BOB BOV BRL BSD BTN BWP BYN BZD CAD CDF CHE CHF CHW CNY COP
    COU CRC CUP CVE CZK DKK DOP DZD EGP ERN ETB EUR FJD FKP GBP GEL GHS GIP GMD GTQ GYD HKD HNL HTG HUF IDR ILS INR IRR
    JMD KES KGS KHR KPW KYD KZT LAK LBP LKR LRD LSL MAD MDL MGA MKD MMK MNT MOP MRU MUR MVR MWK MXN MXV MYR MZN NAD NGN
    NIO NOK NPR NZD PAB PEN PGK PHP PKR PLN QAR RON RSD RUB SAR SBD SCR SDG SEK SGD SHP SLE SOS SRD SSP STN SVC SYP SZL
    THB TJS TMT TOP TRY TTD TWD TZS UAH USD USN UYU UZS VED VES WST XCD XCG YER ZAR ZMW ZWG`,
  3: 'BHD IQD JOD KWD LYD OMR TND',
  4: 'CLF UYW',
}

const digitsOf = new Map(
  Object.entries(byDigits).flatMap(([digits, codes]) =>
    codes.split(/\s+/).map((code) => [code, Number(digits)] as const),
  ),
)

/** Codes of ISO 4217 that something can be sold for, in alphabetic order. */
export const currencyCodes: readonly string[] = [...digitsOf.keys()].sort()

/** A currency that a client or an operator names: a code of ISO 4217 that is in use. */
export const CurrencyCode = Type.Enum([...currencyCodes], {
  description: 'ISO 4217 code of a currency in use',
  examples: ['PKR'],
})
export type CurrencyCode = Static<typeof CurrencyCode>

/** Whether it is a code of ISO 4217 that something can be sold for: `PKR`, but no `pkr`, `XXX` or `HRK`. */
export const isCurrency = (code: string): boolean => digitsOf.has(code)

/** Digits behind the point by ISO 4217: 2 for PKR, USD and HUF, 0 for JPY, 3 for KWD; 2 for a code that it does not know. */
export const minorDigits = (currency: string): number => digitsOf.get(currency) ?? 2
