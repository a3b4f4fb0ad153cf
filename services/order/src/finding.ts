import { phoneNumber } from '@mart/contracts/phone'

const MOST_WORDS = 5

/** What a search text may mean, each to be looked for by itself: an order's number, or words that are all known of it. */
export interface Wanted {
  readonly number: string | null
  readonly words: readonly (readonly string[])[]
}

/** The words are as migrations/0003 keeps them: whole, in lower case; a phone in any writing is the one of E.164. */
export function wantedBy(q: string): Wanted {
  const text = q.trim().toLowerCase()
  const [, digits] = /^(?:m-)?(\d{1,15})$/.exec(text) ?? []
  const parts = [...new Set(text.split(/\s+/))].slice(0, MOST_WORDS)
  const phone = phoneNumber(text)
  // A SKU may have a space inside.
  const words = [parts, ...(parts.length > 1 ? [[text]] : []), ...(phone && phone !== text ? [[phone]] : [])]
  return { number: digits ? `M-${digits}` : null, words }
}

// RFC 3339 §5.6: a full-date, or a date-time with its offset.
const shape = /^\d{4}-\d\d-\d\d([Tt ]\d\d:\d\d:\d\d(\.\d+)?([Zz]|[+-]\d\d:\d\d))?$/
const DAY_MS = 86_400_000
const LAST_MS = Date.parse('9999-12-31T23:59:59.999Z')

/** The moment that a date (UTC) or a date-time begins with; null for what is none, and outside of the years 1 to 9999. */
export function momentOf(text: string): Date | null {
  const at = new Date(text.toUpperCase())
  const isReal = shape.test(text) && at.getUTCFullYear() >= 1 && at.getUTCFullYear() <= 9999
  // A Date takes 30 February for 2 March.
  return isReal && new Date(`${text.slice(0, 10)}T00:00Z`).getUTCDate() === Number(text.slice(8, 10)) ? at : null
}

/** The moment before which is meant: the end of a date, or a date-time itself. */
export function endOf(text: string): Date | null {
  const at = momentOf(text)
  return at && text.length === 10 ? new Date(Math.min(at.getTime() + DAY_MS, LAST_MS)) : at
}
