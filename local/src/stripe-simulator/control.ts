import { invalidRequest } from './errors.ts'

/** What goes wrong on purpose. A number means that many more times, `true` until it is set back. */
export type Control = {
  /** Each event is sent this many times more, all at once. */
  duplicate: number
  /** Events of the same half second arrive in reverse. */
  reorder: boolean
  delay_ms: number
  /** Events that are never sent; they stay in `GET /v1/events` with a pending webhook. */
  drop: number | boolean
  /** Deliveries signed with a wrong secret; what is refused for it is sent again. */
  corrupt_signature: number | boolean
  answer_delay_ms: number
  /** POSTs that do what was asked and answer 500, also when they are repeated with the same key. */
  fail_after_doing: number
  /** API and pages answer 503, and webhooks wait. */
  down: boolean
}

export const calm: Readonly<Control> = {
  duplicate: 0,
  reorder: false,
  delay_ms: 0,
  drop: 0,
  corrupt_signature: 0,
  answer_delay_ms: 0,
  fail_after_doing: 0,
  down: false,
}

const countOrAlways = new Set(['drop', 'corrupt_signature'])

/** Replaces the whole control: what is not named is calm again. Throws for an unknown name or a wrong type. */
export function setControl(control: Control, wanted: unknown): Control {
  if (typeof wanted !== 'object' || wanted === null) throw invalidRequest('The control is a JSON object')
  for (const [name, value] of Object.entries(wanted)) {
    if (!Object.hasOwn(calm, name))
      throw invalidRequest(`The control has no ${name}: it has ${Object.keys(calm).join(', ')}`, { param: name })
    const isCount = Number.isInteger(value) && value >= 0
    const fits = typeof calm[name as keyof Control] === 'boolean' ? typeof value === 'boolean' : isCount
    if (!fits && !(countOrAlways.has(name) && typeof value === 'boolean'))
      throw invalidRequest(`The control's ${name} cannot be ${JSON.stringify(value)}`, { param: name })
  }
  return Object.assign(control, calm, wanted)
}

/** Whether this is one of the times; a count goes down by one. */
export function takeOne(control: Control, name: 'drop' | 'corrupt_signature' | 'fail_after_doing'): boolean {
  const left = control[name]
  if (typeof left === 'boolean') return left
  if (left === 0) return false
  control[name] = left - 1
  return true
}
