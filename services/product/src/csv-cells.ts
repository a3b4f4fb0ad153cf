import { MAX_AMOUNT, minorDigits } from '@mart/contracts/money'

// The second half are the wide and the small forms of the four signs, which some spreadsheets take for the signs.
const runs = /^['\s]*[=+\-@\t\r＝＋－＠﹦﹢﹣﹫]/

/** A spreadsheet would run a cell that begins like this; a quote before it makes it text. */
export const safeCell = (text: string): string => (runs.test(text) ? `'${text}` : text)

/** Undoes `safeCell`. */
export const plainCell = (cell: string): string =>
  cell.startsWith("'") && runs.test(cell.slice(1)) ? cell.slice(1) : cell

const escaped = (text: string): string => text.replaceAll(/[\\|;=]/g, '\\$&')
const unescaped = (text: string): string => text.replaceAll(/\\([\\|;=])/g, '$1')

/** Parts in one cell: `a|b`; a separator within a part is written `\|`. */
export const joinParts = (parts: readonly string[]): string => parts.map(escaped).join('|')

export const splitParts = (cell: string): string[] => (cell === '' ? [] : split(cell, '|').map(unescaped))

export const joinOptions = (options: Readonly<Record<string, string>>): string =>
  Object.entries(options)
    .map(([name, value]) => `${escaped(name)}=${escaped(value)}`)
    .join(';')

/** Reads `size=450 g;colour=red`; null when it is not like that, or names an option twice. */
export function splitOptions(cell: string): Record<string, string> | null {
  if (cell === '') return {}
  const pairs = split(cell, ';').map((pair) => split(pair, '=').map(unescaped))
  if (pairs.some((pair) => pair.length !== 2)) return null
  return new Set(pairs.map(([name]) => name)).size === pairs.length ? Object.fromEntries(pairs) : null
}

function split(text: string, separator: string): string[] {
  const parts: string[] = ['']
  for (const [piece] of text.matchAll(/\\[\s\S]|[\s\S]/g)) {
    if (piece === separator) parts.push('')
    else parts[parts.length - 1] += piece
  }
  return parts
}

/** Minor units of a decimal in major units ("899.50" PKR is 89950); null when it is none, too fine or too large. */
export function amountFrom(decimal: string, currency: string): number | null {
  const [, whole, fraction = ''] = /^(\d{1,18})(?:\.(\d{1,18}))?$/.exec(decimal) ?? []
  const digits = minorDigits(currency)
  if (whole === undefined || /[1-9]/.test(fraction.slice(digits))) return null
  const amount = BigInt(whole + fraction.slice(0, digits).padEnd(digits, '0'))
  return amount <= MAX_AMOUNT ? Number(amount) : null
}
