import type { Language } from '@mart/contracts/language'
import type { Money } from '@mart/contracts/money'
import { minorDigits } from '@mart/contracts/money'

export type { Language } from '@mart/contracts/language'
export { moneyText } from '@mart/contracts/money'

const localeOf: Record<Language, string> = { en: 'en-PK', ur: 'ur-PK' }
const counts: Record<Language, Intl.NumberFormat> = {
  en: new Intl.NumberFormat(localeOf.en),
  ur: new Intl.NumberFormat(localeOf.ur),
}

export const countText = (count: number, language: Language): string => counts[language].format(count)

const lists: Record<Language, Intl.ListFormat> = {
  en: new Intl.ListFormat(localeOf.en, { type: 'disjunction' }),
  ur: new Intl.ListFormat(localeOf.ur, { type: 'disjunction' }),
}

/** "a, b or c". */
export const listText = (items: readonly string[], language: Language): string => lists[language].format(items)

/** What a kilogram or a litre of it costs, out of a size such as "450 g"; null when its size is none of these. */
export function unitPrice(price: Money, size: string | undefined): { price: Money; per: 'kg' | 'l' } | null {
  const [, number, unit] = /^([\d.,]+)\s?(g|kg|ml|l)$/i.exec(size ?? '') ?? []
  const amount = Number(number?.replace(',', '.'))
  if (!unit || !(amount > 0)) return null
  const inLarge = /^(kg|l)$/i.test(unit) ? amount : amount / 1_000
  if (inLarge === 1) return null
  const whole = 10 ** minorDigits(price.currency)
  const exact = price.amount / inLarge
  // Of dear things nobody compares the paisa.
  const rounded = exact >= 100 * whole ? Math.round(exact / whole) * whole : Math.round(exact)
  return { price: { amount: rounded, currency: price.currency }, per: /g$/i.test(unit) ? 'kg' : 'l' }
}

const dates: Record<Language, Intl.DateTimeFormat> = {
  en: dateFormat(localeOf.en),
  ur: dateFormat(localeOf.ur),
}

function dateFormat(locale: string): Intl.DateTimeFormat {
  return new Intl.DateTimeFormat(locale, {
    day: 'numeric',
    month: 'short',
    hour: 'numeric',
    minute: '2-digit',
    timeZone: 'Asia/Karachi',
  })
}

const days: Record<Language, Intl.DateTimeFormat> = {
  en: new Intl.DateTimeFormat(localeOf.en, { dateStyle: 'long', timeZone: 'Asia/Karachi' }),
  ur: new Intl.DateTimeFormat(localeOf.ur, { dateStyle: 'long', timeZone: 'Asia/Karachi' }),
}

/** "29 November 2026", in the shop's zone. */
export const dateText = (iso: string, language: Language): string => days[language].format(new Date(iso))

/** "29 Nov, 4:10 pm", in the shop's zone. */
export const timeText = (iso: string, language: Language): string => dates[language].format(new Date(iso))
