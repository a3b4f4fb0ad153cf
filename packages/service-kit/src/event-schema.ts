import type { EventDefinition } from '@mart/contracts/events/define-event'
import { Ajv, type ValidateFunction } from 'ajv'
import addFormats from 'ajv-formats'

const ajv = addFormats.default(new Ajv({ allErrors: false, strict: false }))
const compiled = new WeakMap<EventDefinition, ValidateFunction>()

/** Null when `data` fits the event's schema, else what is wrong with it. Fields that the schema does not name pass. */
export function faultIn(event: EventDefinition, data: unknown): string | null {
  let validate = compiled.get(event)
  if (!validate) {
    validate = ajv.compile(event.data)
    compiled.set(event, validate)
  }
  if (validate(data)) return null
  const [error] = validate.errors ?? []
  return `${error?.instancePath || 'data'} ${error?.message ?? 'is wrong'}`
}
