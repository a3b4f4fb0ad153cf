import { type ControlOf, calmBy, commonRules, countOrAlways, flag, type Rule, setControl } from '../kit/control.ts'
import { BadRequest } from './errors.ts'

const choice = <const Choices extends readonly [string, ...string[]]>(...choices: Choices): Rule<Choices[number]> => ({
  choices,
  calm: choices[0],
  fits: (value) => choices.includes(value as string),
})

const fields: Rule<Record<string, string>> = {
  calm: {},
  fits: (value) =>
    typeof value === 'object' && value !== null && Object.values(value).every((one) => typeof one === 'string'),
}

export const rules = {
  ...commonRules,
  /** Notifications whose hash is wrong; `strip_hash`: without any. */
  corrupt_hash: countOrAlways,
  strip_hash: countOrAlways,
  /** How notifications come: as a form, in the query of a GET or of a POST, or as JSON. */
  notify_as: choice('form', 'get', 'query', 'json'),
  /** How the browser is sent back: redirected, or by a page that posts a form. */
  return_as: choice('get', 'post'),
  /** Fields of notifications that say something else, under a hash that is right: {"merchant_amount": "1.00"}. */
  change: fields,
  /** Refunds that are answered with 423 and not done. */
  refuse_refund: countOrAlways,
  /** Whether a status record says what has been refunded; not documented, so it does not. */
  show_refunds: flag,
}

export type Control = ControlOf<typeof rules>

export const newControl = (): Control => calmBy(rules)

/** Replaces the whole control. Throws BadRequest for an unknown name or a wrong type. */
export function replaceControl(control: Control, wanted: unknown): Control {
  const problem = setControl(control, wanted, rules)
  if (problem) throw new BadRequest(problem.message)
  return control
}
