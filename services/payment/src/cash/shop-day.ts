const DAY_MS = 24 * 60 * 60_000
/** No zone is further from UTC. */
const FURTHEST_MS = 27 * 60 * 60_000

export interface Day {
  readonly from: Date
  /** Where the next day begins. */
  readonly to: Date
}

/** Whether this runtime knows it, by whatever name: `Europe/Kyiv`, `Europe/Kiev`, `Etc/UTC`, `+05:30`. */
export function isTimeZone(name: string): boolean {
  try {
    new Intl.DateTimeFormat('en', { timeZone: name })
    return true
  } catch {
    return false
  }
}

/**
 * When a day (`YYYY-MM-DD`) of a time zone begins and ends, by this runtime's own list of zones: the database's may be
 * another, and reads an offset (`+05:00`) the other way round. Where clocks leap over midnight, it begins after the leap.
 */
export function dayIn(zone: string, date: string): Day {
  const next = new Date(Date.parse(date) + DAY_MS).toISOString().slice(0, 10)
  return { from: startOf(zone, date), to: startOf(zone, next) }
}

/** The first millisecond whose local date is `date` or later, by halving. */
function startOf(zone: string, date: string): Date {
  // Swedish writes dates as ISO 8601 does.
  const local = new Intl.DateTimeFormat('sv-SE', { timeZone: zone, dateStyle: 'short' })
  let before = Date.parse(date) - FURTHEST_MS
  let after = Date.parse(date) + FURTHEST_MS
  while (after - before > 1) {
    const middle = Math.floor((before + after) / 2)
    if (local.format(middle) < date) before = middle
    else after = middle
  }
  return new Date(after)
}
