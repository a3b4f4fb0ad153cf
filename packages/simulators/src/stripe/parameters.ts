import { isCurrency } from './currencies.ts'
import { invalidRequest } from './errors.ts'
import type { Form, FormFields } from './form.ts'

/** Turns what was sent under `path` into a value, or throws the error that Stripe would answer. */
export type Parser<T> = (value: Form, path: string) => T

type Parsed<P> = P extends Parser<infer T> ? T : never
type Parsers = Record<string, Parser<unknown>>
type Required<R extends Parsers> = { [K in keyof R]: Parsed<R[K]> }
type Optional<O extends Parsers> = { [K in keyof O]?: Parsed<O[K]> }

/** `notSimulated` names what Stripe knows and this simulator does not: refused too, but with the truth. */
export function fields<R extends Parsers, O extends Parsers>(spec: {
  required: R
  optional: O
  notSimulated?: string[]
}): Parser<Required<R> & Optional<O>> {
  const parsers: Parsers = { ...spec.required, ...spec.optional }
  return (value, path) => {
    if (typeof value === 'string') throw invalidRequest('Invalid object', { param: path })
    refuseUnknown(value, { path, known: parsers, notSimulated: spec.notSimulated ?? [] })
    for (const name of Object.keys(spec.required)) {
      const param = inside(path, name)
      if (value[name] === undefined)
        throw invalidRequest(`Missing required param: ${param}.`, { code: 'parameter_missing', param })
    }
    const entries = Object.entries(value).map(([name, sent]) => [name, parsers[name]?.(sent, inside(path, name))])
    return Object.fromEntries(entries) as Required<R> & Optional<O>
  }
}

export function list<T>(parser: Parser<T>, { most = 100 }: { most?: number } = {}): Parser<T[]> {
  return (value, path) => {
    if (typeof value === 'string') throw invalidRequest('Invalid array', { param: path })
    if (Object.keys(value).length > most)
      throw invalidRequest(`Array ${path} has more than ${most} entries.`, { param: path })
    return Object.entries(value).map(([index, item]) => parser(item, inside(path, index)))
  }
}

export function text({ most = 5000 }: { most?: number } = {}): Parser<string> {
  return (value, path) => {
    if (typeof value !== 'string') throw invalidRequest('Invalid string', { param: path })
    if (value === '') throw emptyValue(path)
    if (value.length > most) throw invalidRequest(`Invalid string: must be at most ${most} characters`, { param: path })
    return value
  }
}

export function integer({ least, most }: { least: number; most?: number }): Parser<number> {
  return (value, path) => {
    const error = (message: string) => invalidRequest(message, { code: 'parameter_invalid_integer', param: path })
    if (value === '') throw emptyValue(path)
    if (typeof value !== 'string' || !/^-?\d{1,15}$/.test(value)) throw error(`Invalid integer: ${String(value)}`)
    const number = Number(value)
    if (number < least) throw error(`This value must be greater than or equal to ${least}.`)
    if (most !== undefined && number > most) throw error(`This value must be less than or equal to ${most}.`)
    return number
  }
}

export function choice<const T extends string>(...allowed: T[]): Parser<T> {
  return (value, path) => {
    if (allowed.includes(value as T)) return value as T
    throw invalidRequest(`Invalid ${path}: must be one of ${allowed.join(', ')}`, { param: path })
  }
}

export const flag: Parser<boolean> = (value, path) => {
  if (value === 'true' || value === 'false') return value === 'true'
  throw invalidRequest(`Invalid boolean: ${String(value)}`, { param: path })
}

export const url: Parser<string> = (value, path) => {
  const address = text()(value, path)
  const parsed = URL.canParse(address) ? new URL(address) : undefined
  if (parsed?.protocol === 'http:' || parsed?.protocol === 'https:') return address
  throw invalidRequest('Not a valid URL', { code: 'url_invalid', param: path })
}

export const currency: Parser<string> = (value, path) => {
  const code = text({ most: 3 })(value, path).toLowerCase()
  if (!isCurrency(code)) throw invalidRequest(`Invalid currency: ${code}`, { param: path })
  return code
}

export const metadata: Parser<Record<string, string>> = (value, path) => {
  if (value === '') return {}
  if (typeof value === 'string') throw invalidRequest('Invalid object', { param: path })
  const pairs = Object.entries(value).map(([name, sent]) => [name, metadataValue(sent, inside(path, name))] as const)
  if (pairs.length > 50) throw invalidRequest('You can have up to 50 metadata keys', { param: path })
  const long = pairs.find(([name]) => name.length > 40)
  if (long) throw invalidRequest(`Metadata keys can have up to 40 characters: ${long[0]}`, { param: path })
  return Object.fromEntries(pairs.filter(([, sent]) => sent !== ''))
}

/** A moment in seconds, or `{gt, gte, lt, lte}` of such. */
export const range: Parser<(seconds: number) => boolean> = (value, path) => {
  const moment = integer({ least: 0 })
  if (typeof value === 'string') {
    const exact = moment(value, path)
    return (seconds) => seconds === exact
  }
  const bounds = { gt: moment, gte: moment, lt: moment, lte: moment }
  const { gt = -1, gte = 0, lt = Infinity, lte = Infinity } = fields({ required: {}, optional: bounds })(value, path)
  return (seconds) => seconds > gt && seconds >= gte && seconds < lt && seconds <= lte
}

function refuseUnknown(
  value: FormFields,
  { path, known, notSimulated }: { path: string; known: Parsers; notSimulated: string[] },
) {
  const others = Object.keys(value).filter((name) => !Object.hasOwn(known, name))
  const unknown = others.filter((name) => !notSimulated.includes(name)).map((name) => inside(path, name))
  if (unknown[0]) {
    const message = `Received unknown parameter${unknown.length > 1 ? 's' : ''}: ${unknown.join(', ')}`
    throw invalidRequest(message, { code: 'parameter_unknown', param: unknown[0] })
  }
  if (others[0]) {
    const param = inside(path, others[0])
    throw invalidRequest(`Stripe knows the parameter ${param}, but this simulator does not.`, { param })
  }
}

function metadataValue(value: Form, path: string): string {
  if (typeof value !== 'string') throw invalidRequest('Metadata values must be strings', { param: path })
  if (value.length > 500)
    throw invalidRequest(`Metadata values can have up to 500 characters, ${path} has ${value.length}`, { param: path })
  return value
}

function emptyValue(param: string) {
  const message = `You passed an empty string for '${param}'. We assume empty values are an attempt to unset a parameter; however '${param}' cannot be unset. You should remove '${param}' from your request or supply a non-empty value.`
  return invalidRequest(message, { code: 'parameter_invalid_empty', param })
}

function inside(path: string, name: string): string {
  return path === '' ? name : `${path}[${name}]`
}
