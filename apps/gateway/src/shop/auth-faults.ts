import type { FieldFault, FormProblem, FormState } from '@mart/web/pages'
import { ServiceRefusal } from '../services-client.ts'
import { faultsIn, toldAt } from './forms.ts'

type Found = Pick<FormState, 'faults' | 'problem'>

/** What the form calls them. */
interface Names {
  readonly email?: string
  readonly password?: string
}

const ofFields: Readonly<
  Record<string, readonly [field: keyof Names | 'currentPassword' | 'code' | 'recovery', FieldFault]>
> = {
  INVALID_EMAIL: ['email', 'email'],
  INVALID_PASSWORD: ['currentPassword', 'wrong_password'],
  PASSWORD_TOO_SHORT: ['password', 'short_password'],
  PASSWORD_TOO_LONG: ['password', 'too_long'],
  PASSWORD_TOO_COMMON: ['password', 'common_password'],
  INVALID_CODE: ['code', 'wrong_code'],
  INVALID_BACKUP_CODE: ['recovery', 'wrong_code'],
}

const problems: Readonly<Record<string, FormProblem>> = {
  INVALID_EMAIL_OR_PASSWORD: 'wrong_sign_in',
  USER_ALREADY_EXISTS: 'has_account',
  USER_ALREADY_EXISTS_USE_ANOTHER_EMAIL: 'has_account',
  INVALID_TOKEN: 'dead_link',
  TOO_MANY_ATTEMPTS_REQUEST_NEW_CODE: 'sign_in_again',
  INVALID_TWO_FACTOR_COOKIE: 'sign_in_again',
  ACCOUNT_TEMPORARILY_LOCKED: 'too_many_tries',
}

/** What the user service's accounts did not take, told at these fields of the form or above it. Throws what is a fault of ours. */
export function authFaults(
  error: unknown,
  fields: readonly string[],
  { email = 'email', password = 'password' }: Names = {},
): Found {
  if (!(error instanceof ServiceRefusal)) throw error
  const { code = '' } = error.problem
  if (error.status === 429) return { faults: {}, problem: code === 'too_many_mails' ? code : 'too_many_tries' }
  const found = faultsOf(error).map(([about, fault]) => {
    const field = about === 'email' ? email : about === 'password' ? password : about
    return [field, fault] as const
  })
  return toldAt(fields, Object.fromEntries(found), problems[code])
}

function faultsOf({ problem }: ServiceRefusal): (readonly [field: string, FieldFault])[] {
  const { code = '' } = problem
  if (problem.errors) return Object.entries(faultsIn(problem))
  const [about, fault] = code === 'VALIDATION_ERROR' ? misfitIn(problem) : (ofFields[code] ?? [])
  return about && fault ? [[about, fault]] : []
}

/** It names the field in a sentence: `body/email must NOT have more than 254 characters`, `[body.email] Invalid email`. */
function misfitIn(problem: object): readonly [string, FieldFault] | [] {
  const { message = '' } = problem as { message?: string }
  const [, field] = /body[./](\w+)/.exec(message) ?? []
  if (!field) return []
  if (/more than/.test(message)) return [field, 'too_long']
  return [field, field === 'code' ? 'wrong_code' : /email$/i.test(field) ? 'email' : 'other']
}

export const statusOf = (error: unknown) => (error instanceof ServiceRefusal ? error.status : 500)
