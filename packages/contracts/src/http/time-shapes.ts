import { Type } from 'typebox'

// What a database, a Date and every screen can reckon with, a day or an offset more and less.
const year = '(19[7-9]\\d|2\\d{3})'
const day = `${year}-\\d\\d-\\d\\d`

/** A day that a client names. */
export const Day = Type.String({
  format: 'date',
  pattern: `^${year}-`,
  'x-must': 'must be of the years 1970 to 2999',
  examples: ['2026-11-22'],
})

/** A day or a moment that a client names: a full-date, or a date-time with its offset (RFC 3339 §5.6). */
export const DayOrMoment = Type.String({
  maxLength: 40,
  pattern: `^${day}([Tt ]\\d\\d:\\d\\d:\\d\\d(\\.\\d+)?([Zz]|[+-]\\d\\d:\\d\\d))?$`,
  'x-must': 'must be a date like 2026-11-29, or a date-time of RFC 3339 with its offset, of the years 1970 to 2999',
  examples: ['2026-11-22', '2026-11-22T09:00:00+05:00'],
})
