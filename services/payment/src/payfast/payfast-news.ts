import { MAX_AMOUNT, type Money, minorDigits } from '@mart/contracts/money'
import type { News } from '../provider-news.ts'

/** What PayFast's codes mean (its guide, section 4); a code that is not here decides nothing. */
const successes = new Set(['000', '00', '79'])
const failures: Readonly<Record<string, string>> = {
  '03': 'the account is inactive',
  '04': 'the account is closed',
  '13': 'the amount is invalid',
  '14': 'the card is inactive',
  '15': 'the card is inactive',
  '41': 'the details do not match',
  '42': 'the CNIC is invalid',
  '54': 'the card has expired',
  '55': 'the OTP or PIN is wrong',
  '75': 'the PIN was wrong too often',
  '90': 'PayFast asks for TLS',
  '97': 'the balance is insufficient',
  '104': 'the details are incorrect',
  '106': 'a limit is exceeded',
  '126': 'the account details are invalid',
  '308': 'the account details are invalid',
  '309': 'the OTP has a wrong length',
  '359': 'the account is blocked',
  '401': 'PayFast was not authorised',
  '423': 'PayFast cannot process it now',
  '529': 'the buyer cancelled',
  '537': 'the account is dormant',
  '600': 'the OTP has expired',
  '802': 'the OTP was not sent',
  '806': 'the OTP was not verified',
  '807': 'the OTP was wrong too often',
  '812': 'the details were not validated',
  '853': 'the account details are invalid',
  '880': 'the card is not open to payments online',
  '881': 'the card is not open to payments online',
  '882': 'the card is not open to payments online',
  '883': 'the card is not open to payments online',
  '901': 'the buyer cancelled',
  '9000': 'PayFast suspects fraud',
  '9010': 'PayFast suspects fraud',
}

/** `undecided` is asked again and never guessed: pending (001), timed out (002), or a code that nobody documents. */
export type Meaning = { readonly kind: 'success' | 'undecided' } | { readonly kind: 'failure'; readonly reason: string }

export function meaningOf(code: string): Meaning {
  if (successes.has(code)) return { kind: 'success' }
  const reason = Object.hasOwn(failures, code) ? failures[code] : undefined
  return reason ? { kind: 'failure', reason: `${reason} (PayFast ${code})` } : { kind: 'undecided' }
}

/** What we asked PayFast for. */
export interface Asked {
  readonly basketId: string
  readonly money: Money
}

/** A status record of PayFast, as far as we read it: null where it does not say. */
export interface PayfastRecord {
  readonly basketId: string | null
  readonly transactionId: string | null
  readonly code: string
  readonly amount: string | null
  readonly currency: string | null
}

/** The record in an answer of PayFast's; null when the answer is none. */
export function recordIn(answered: Readonly<Record<string, unknown>>): PayfastRecord | null {
  const code = textOf(answered['status_code']) ?? textOf(answered['code'])
  if (code === null) return null
  return {
    basketId: textOf(answered['basket_id']),
    transactionId: textOf(answered['transaction_id']),
    code,
    amount:
      textOf(answered['purchase_amount']) ??
      textOf(answered['merchant_amount']) ??
      textOf(answered['transaction_amount']),
    currency: textOf(answered['transaction_currency']) ?? textOf(answered['currency_code']),
  }
}

const textOf = (value: unknown): string | null => {
  if (typeof value === 'number') return String(value)
  return typeof value === 'string' && value.trim() !== '' ? value.trim() : null
}

export const isOfBasket = (record: PayfastRecord, { basketId }: Asked): boolean => record.basketId === basketId

/** What PayFast's own record of a basket says, and the charge that it names. */
export function newsOfRecord(record: PayfastRecord, asked: Asked): { news: News; charge: string | null } {
  if (!isOfBasket(record, asked)) return undecided('PayFast has no record of it')
  const meaning = meaningOf(record.code)
  // A decline is no end: the buyer may open the page again. Its transaction is not the one that will pay.
  if (meaning.kind === 'failure')
    return { news: { kind: 'declined', reason: meaning.reason, code: record.code }, charge: null }
  if (meaning.kind === 'undecided') return undecided(`PayFast has not decided (${record.code})`)
  if (record.transactionId === null) return undecided('PayFast names no transaction')
  // The page's token is bound to our amount, so a record that names none has that one.
  const money = record.amount === null ? asked.money : moneyIn(record.amount, record.currency ?? asked.money.currency)
  if (money === null) return undecided(`PayFast names no sum: ${record.amount}`)
  return { news: { kind: 'paid', money }, charge: record.transactionId }
}

const undecided = (reason: string) => ({ news: { kind: 'no_answer', reason } as const, charge: null })

/** Reads "1500", "1500.5" or "1500.00" exactly; null for anything else, and for more digits than the currency has. */
export function moneyIn(text: string, currency: string): Money | null {
  if (!/^[A-Z]{3}$/.test(currency)) return null
  const [, whole, fraction = ''] = /^(\d{1,12})(?:\.(\d*))?$/.exec(text) ?? []
  if (whole === undefined) return null
  const digits = minorDigits(currency)
  const kept = fraction.replace(/0+$/, '')
  if (kept.length > digits) return null
  const amount = Number(whole + kept.padEnd(digits, '0'))
  return amount <= MAX_AMOUNT ? { amount, currency } : null
}
