import { type ControlOf, calmBy, commonRules, countOrAlways, setControl } from '../kit/control.ts'
import { invalidRequest } from './errors.ts'

export const rules = {
  ...commonRules,
  /** Deliveries signed with a wrong secret; what is refused for it is sent again. */
  corrupt_signature: countOrAlways,
  /** Refunds that stay pending until the control settles them. */
  pending_refunds: countOrAlways,
}

/** What goes wrong on purpose. A POST that fails after doing fails also when it is repeated with the same key. */
export type Control = ControlOf<typeof rules>

export const newControl = (): Control => calmBy(rules)

/** Replaces the whole control. Throws for an unknown name or a wrong type. */
export function replaceControl(control: Control, wanted: unknown): Control {
  const problem = setControl(control, wanted, rules)
  if (problem) throw invalidRequest(problem.message, problem)
  return control
}
