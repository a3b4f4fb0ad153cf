import type { Problem } from '@mart/contracts/http/shared-shapes'
import type { FastifyRequest } from '@mart/service-kit/http-server'
import type { FieldFault, FormState } from '@mart/web/pages'

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

/** What a service found wrong, by the name of the form's field: the last part of `shipping_address.phone`. */
export function faultsIn({ errors = [] }: Partial<Problem>): Record<string, FieldFault> {
  return Object.fromEntries(errors.map(({ field, code }) => [field.split('.').at(-1)!, faultOf(field, code)]))
}

function faultOf(field: string, code: string): FieldFault {
  if (code === 'required' || code === 'minLength') return 'required'
  if (code === 'maxLength') return 'too_long'
  if (/phone$/.test(field)) return 'phone'
  if (/email$/.test(field)) return 'email'
  if (/country$/.test(field)) return 'country'
  return 'other'
}

/** The fields of these that were left empty. */
export const missingIn = (
  fields: Readonly<Record<string, string>>,
  names: readonly string[],
): Record<string, FieldFault> =>
  Object.fromEntries(names.filter((name) => !fields[name]?.trim()).map((name) => [name, 'required' as const]))
