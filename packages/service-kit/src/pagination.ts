import { Refusal } from './errors.ts'
import { isUuid } from './ids.ts'

/** An opaque cursor that carries the sort values of a page's last row. */
export const cursorFor = (...values: (string | number)[]): string =>
  Buffer.from(JSON.stringify(values)).toString('base64url')

const kindsOfValue = {
  string: (value: unknown) => typeof value === 'string' && !value.includes('\0') && value.isWellFormed(),
  uuid: (value: unknown) => typeof value === 'string' && isUuid(value),
  /** RFC 3339, of the years that PostgreSQL and JavaScript write alike. */
  time: (value: unknown) =>
    typeof value === 'string' && /^(?!0000)\d{4}-/.test(value) && new Date(value).toJSON() === value,
  /** As wide as PostgreSQL's int4. */
  int4: (value: unknown) => Number.isInteger(value) && value === ((value as number) | 0),
  integer: (value: unknown) => Number.isSafeInteger(value),
}

/**
 * The values of a cursor, or null when there is none. Throws Refusal 400 for one that we did not make: name the kinds
 * as narrowly as their columns are, or the database answers for it.
 */
export function readCursor(
  cursor: string | undefined,
  kinds: readonly (keyof typeof kindsOfValue)[],
): (string | number)[] | null {
  if (!cursor) return null
  try {
    const values: unknown = JSON.parse(Buffer.from(cursor, 'base64url').toString())
    if (
      Array.isArray(values) &&
      values.length === kinds.length &&
      values.every((value, at) => kindsOfValue[kinds[at]!](value))
    ) {
      return values
    }
  } catch {
    throw badCursor()
  }
  throw badCursor()
}

const badCursor = () =>
  new Refusal(400, 'invalid_input', 'cursor: is none of ours', {
    errors: [{ field: 'cursor', code: 'cursor', message: 'is none of ours' }],
  })

/** Cuts one row more than asked for into a page and the cursor of the next: query with `limit + 1`. */
export function pageOf<Row>(
  rows: readonly Row[],
  limit: number,
  cursorOf: (row: Row) => string,
): { items: Row[]; next_cursor: string | null } {
  const items = rows.slice(0, limit)
  const last = items.at(-1)
  return { items, next_cursor: rows.length > limit && last ? cursorOf(last) : null }
}
