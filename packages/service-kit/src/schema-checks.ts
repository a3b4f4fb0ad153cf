import { Ajv, type ErrorObject } from 'ajv'
import addFormats from 'ajv-formats'
import { MAX_FAULTS } from './errors.ts'
import type { App } from './http-app.ts'
import { textForms } from './text-forms.ts'

/** So many unknown fields are told beside other faults; more of them are the only thing told. */
const FEW_UNKNOWN = 20

interface Schema {
  readonly type?: unknown
  readonly items?: Schema
  readonly maxItems?: number
  readonly properties?: Readonly<Record<string, Schema>>
  readonly patternProperties?: Readonly<Record<string, Schema>>
  readonly additionalProperties?: boolean | Schema
  readonly maxProperties?: number
  readonly anyOf?: readonly Schema[]
}

type Fault = Pick<ErrorObject, 'keyword' | 'instancePath' | 'params' | 'message' | 'parentSchema'>

/**
 * Bodies as they are: no dropped fields, no "5" taken for 5. Queries and parameters are text, so there it is converted.
 * What is right is seen by a check that stops at its first fault. Only what is wrong is looked at for every fault, and
 * before that for its size, or a body of a million faults would be worth a million messages.
 */
export function checkStrictly(app: App): void {
  const bodies = validators(false)
  const texts = validators('array')
  app.setValidatorCompiler(({ schema, httpPart }) => (httpPart === 'body' ? bodies : texts)(schema as Schema) as never)
  app.setSchemaErrorFormatter(([fault], part) => {
    const field = `${part}${fault?.instancePath ?? ''}`.slice(0, 200)
    return new Error(`${field} ${fault?.message ?? 'is wrong'}`)
  })
}

function validators(coerceTypes: 'array' | false) {
  const compiler = (allErrors: boolean) =>
    addFormats
      .default(
        new Ajv({
          allErrors,
          removeAdditional: false,
          useDefaults: true,
          coerceTypes,
          strict: false,
          verbose: allErrors,
        }),
      )
      .addKeyword(textForms)
  const quick = compiler(false)
  const thorough = compiler(true)
  return (schema: Schema) => {
    const isRight = quick.compile(schema as object)
    let findFaults: ReturnType<Ajv['compile']> | undefined
    const validate = (value: unknown): boolean => {
      validate.errors = null
      if (isRight(value)) return true
      const oversized = sizeFaults(schema, value, '')
      if (oversized.length === 0) {
        findFaults ??= thorough.compile(schema as object)
        findFaults(value)
      }
      const faults = oversized.length > 0 ? oversized : (findFaults?.errors ?? [])
      validate.errors = faults.slice(0, MAX_FAULTS).map(inWords)
      return false
    }
    validate.errors = null as readonly Fault[] | null
    return validate
  }
}

/** Nobody reads a pattern: its fault says what its schema has beside it as `x-must`. */
function inWords({ keyword, instancePath, params, message, parentSchema }: Fault): Fault {
  const must = keyword === 'pattern' ? parentSchema?.['x-must'] : undefined
  return { keyword, instancePath, params, message: must ?? message }
}

/** Where a value has more parts than its schema allows; the parts of such a value are not looked at. */
function sizeFaults(schema: Schema, value: unknown, path: string): Fault[] {
  if (typeof value !== 'object' || value === null) return []
  if (schema.anyOf) {
    const kind = Array.isArray(value) ? 'array' : 'object'
    const told = schema.anyOf.filter(({ type }) => type === kind).map((form) => sizeFaults(form, value, path))
    return told.every((faults) => faults.length > 0) ? (told[0] ?? []) : []
  }
  return Array.isArray(value) ? arrayFaults(schema, value, path) : objectFaults(schema, value, path)
}

function arrayFaults({ maxItems = Number.POSITIVE_INFINITY, items }: Schema, value: unknown[], path: string): Fault[] {
  if (value.length > maxItems) {
    const message = `must NOT have more than ${maxItems} items`
    return [{ keyword: 'maxItems', instancePath: path, params: { limit: maxItems }, message }]
  }
  return items ? value.flatMap((item, index) => sizeFaults(items, item, `${path}/${index}`)) : []
}

function objectFaults(schema: Schema, value: object, path: string): Fault[] {
  const { properties = {}, patternProperties = {}, additionalProperties, maxProperties } = schema
  const names = Object.keys(value)
  if (maxProperties !== undefined && names.length > maxProperties) {
    const message = `must NOT have more than ${maxProperties} fields`
    return [{ keyword: 'maxProperties', instancePath: path, params: { limit: maxProperties }, message }]
  }
  const others = Object.values(patternProperties)
  const known = names.filter((name) => Object.hasOwn(properties, name))
  if (additionalProperties === false && others.length === 0 && names.length - known.length > FEW_UNKNOWN) {
    return names
      .filter((name) => !Object.hasOwn(properties, name))
      .slice(0, MAX_FAULTS)
      .map((name) => ({
        keyword: 'additionalProperties',
        instancePath: path,
        params: { additionalProperty: name },
        message: 'is not a known field',
      }))
  }
  return known.flatMap((name) =>
    sizeFaults(properties[name]!, (value as Record<string, unknown>)[name], `${path}/${name}`),
  )
}
