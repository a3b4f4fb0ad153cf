import type { TextForm } from '@mart/contracts/http/shared-shapes'
import type { FuncKeywordDefinition, SchemaValidateFunction } from 'ajv'

const inForm: SchemaValidateFunction = (form: TextForm, given: string, _, at) => {
  const formed = form.of(given, at?.parentData ?? {})
  if (formed === null) inForm.errors = [{ keyword: form.code, message: form.must, params: {} }]
  else if (at) at.parentData[at.parentDataProperty] = formed
  return formed !== null
}

/**
 * The validator's keyword `x-form`: a text is brought into its one form (trimmed, a phone number as E.164) before its
 * length is looked at, and what has no such form is a fault of its field like any other.
 */
export const textForms: FuncKeywordDefinition = {
  keyword: 'x-form',
  type: 'string',
  before: 'maxLength',
  modifying: true,
  errors: true,
  validate: inForm,
}
