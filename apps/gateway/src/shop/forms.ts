import { randomUUID } from 'node:crypto'
import type { Problem } from '@mart/contracts/http/shared-shapes'
import type { FastifyRequest } from '@mart/service-kit/http-server'
import type { FieldFault, FormProblem, FormState } from '@mart/web/pages'

/** The fields of a form as texts; of one that was sent several times the last, as a form's buttons stand behind its inputs. */
export function fieldsOf({ body }: FastifyRequest): Record<string, string> {
  const fields: Record<string, string> = {}
  for (const [name, value] of Object.entries((body ?? {}) as Record<string, unknown>)) {
    const one = Array.isArray(value) ? value.at(-1) : value
    if (typeof one === 'string') fields[name] = one
  }
  return fields
}

export const emptyForm: FormState = { values: {}, faults: {}, problem: null }

/** The key by which a form is done once however often it is sent; another where this is none that a header can hold. */
export const keyIn = ({ key = '' }: Readonly<Record<string, string>>): string =>
  /^[!-~]([ -~]{0,253}[!-~])?$/.test(key) ? key : randomUUID()

/** What a service found wrong, told at these fields of the form or, in the words of `elsewhere`, above it. */
export const faultsAt = (problem: Partial<Problem>, shown: readonly string[], elsewhere?: FormProblem) =>
  toldAt(shown, faultsIn(problem), null, elsewhere)

/** By the name of the form's field: the last part of `shipping_address.phone`. */
export function faultsIn({ errors = [] }: Partial<Problem>): Record<string, FieldFault> {
  const faults = Object.fromEntries(errors.map(({ field, code }) => [field.split('.').at(-1)!, faultOf(field, code)]))
  // Where the country is none, nobody can say how a number there is written.
  if (faults['country'] && faults['phone'] === 'phone') delete faults['phone']
  return faults
}

function faultOf(field: string, code: string): FieldFault {
  if (code === 'required' || code === 'minLength') return 'required'
  if (code === 'maxLength') return 'too_long'
  if (/phone$/.test(field)) return 'phone'
  if (/email$/.test(field)) return 'email'
  if (/country$/.test(field)) return 'country'
  return 'other'
}

/**
 * What was not taken: at the field that it is about, where the form shows that, else above the form. So no refusal is silent. The
 * first fault is that of the first field `shown`: there one goes on.
 */
export function toldAt(
  shown: readonly string[],
  found: FormState['faults'],
  problem: FormProblem | null = null,
  elsewhere: FormProblem = 'not_taken',
): Pick<FormState, 'faults' | 'problem'> {
  const names = Object.keys(found)
  const faults = Object.fromEntries(shown.filter((name) => name in found).map((name) => [name, found[name]!]))
  const isAllShown = names.length > 0 && names.every((name) => name in faults)
  return { faults, problem: problem ?? (isAllShown ? null : elsewhere) }
}

/** The fields of these that were left empty. */
export const missingIn = (
  fields: Readonly<Record<string, string>>,
  names: readonly string[],
): Record<string, FieldFault> =>
  Object.fromEntries(names.filter((name) => !fields[name]?.trim()).map((name) => [name, 'required' as const]))
