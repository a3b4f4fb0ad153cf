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

const DAY_MS = 86_400_000

/** The moment that a date (UTC) or a date-time, written as DayOrMoment says, begins with; null for one that there is not. */
export function momentOf(text: string): Date | null {
  const at = new Date(text.toUpperCase())
  // A Date takes 30 February for 2 March.
  const day = new Date(`${text.slice(0, 10)}T00:00Z`).getUTCDate()
  return !Number.isNaN(at.getTime()) && day === Number(text.slice(8, 10)) ? at : null
}

/** The moment before which is meant: the end of a date, or a date-time itself. */
export function endOf(text: string): Date | null {
  const at = momentOf(text)
  return at && text.length === 10 ? new Date(at.getTime() + DAY_MS) : at
}
