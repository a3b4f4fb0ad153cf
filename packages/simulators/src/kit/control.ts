export type Rule<Value> = { calm: Value; fits: (value: unknown) => boolean; choices?: readonly string[] }
export type Rules = Record<string, Rule<unknown>>
export type ControlOf<R extends Rules> = { -readonly [Name in keyof R]: R[Name]['calm'] }

const isCount = (value: unknown) => Number.isInteger(value) && Number(value) >= 0
const isFlag = (value: unknown) => typeof value === 'boolean'

export const count: Rule<number> = { calm: 0, fits: isCount }
export const flag: Rule<boolean> = { calm: false, fits: isFlag }
/** A number means that many more times, `true` until it is set back. */
export const countOrAlways: Rule<number | boolean> = { calm: 0, fits: (value) => isCount(value) || isFlag(value) }

/** What can go wrong on purpose at every provider. */
export const commonRules = {
  /** Each notification is sent this many times more, all at once. */
  duplicate: count,
  /** Notifications of the same half second arrive in reverse. */
  reorder: flag,
  /** Notifications are sent this much later. */
  delay_ms: count,
  /** Notifications that are never sent. */
  drop: countOrAlways,
  /** What is asked is done at once and answered this much later. */
  answer_delay_ms: count,
  /** POSTs that do what was asked and answer 500. */
  fail_after_doing: count,
  /** Answers of the API that are a web page. */
  html_answers: countOrAlways,
  /** Answers of the API that break off in the middle. */
  half_answers: countOrAlways,
  /** API and pages answer 503, and notifications wait. */
  down: flag,
}

export type CommonControl = ControlOf<typeof commonRules>

/** A control by which nothing goes wrong. */
export const calmBy = <R extends Rules>(rules: R): ControlOf<R> =>
  Object.fromEntries(Object.entries(rules).map(([name, { calm }]) => [name, calm])) as ControlOf<R>

/**
 * Replaces the whole control: what is not named is calm again. Returns what is wrong with `wanted`, and then changes
 * nothing.
 */
export function setControl<R extends Rules>(
  control: ControlOf<R>,
  wanted: unknown,
  rules: R,
): { message: string; param?: string } | undefined {
  if (typeof wanted !== 'object' || wanted === null) return { message: 'The control is a JSON object' }
  for (const [param, value] of Object.entries(wanted)) {
    const rule = Object.hasOwn(rules, param) ? rules[param] : undefined
    if (!rule) return { message: `The control has no ${param}: it has ${Object.keys(rules).join(', ')}`, param }
    if (!rule.fits(value)) return { message: `The control's ${param} cannot be ${JSON.stringify(value)}`, param }
  }
  Object.assign(control, calmBy(rules), wanted)
  return undefined
}

/** Whether this is one of the times; a count goes down by one. */
export function takeOne<Name extends string>(control: Record<Name, number | boolean>, name: Name): boolean {
  const counted: Record<string, number | boolean> = control
  const left = counted[name] ?? false
  if (typeof left === 'boolean') return left
  if (left === 0) return false
  counted[name] = left - 1
  return true
}
