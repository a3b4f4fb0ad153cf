import { createHash } from 'node:crypto'
import { conflict, Refusal } from '@mart/service-kit/errors'
import { newId } from '@mart/service-kit/ids'

/** How long a token of this role lives, in seconds: what staff may do is taken back sooner. */
export const tokenSeconds = (role: string): number => (role === 'customer' ? 15 * 60 : 5 * 60)

/** A token outlives the account that it was given to by minutes. */
export const accountGone = (): Refusal => new Refusal(401, 'account_gone', 'This account no longer exists.')

export const adminsOnly = (): Refusal => new Refusal(403, 'forbidden', 'This is for admin only.')

export const notProven = (): Refusal =>
  conflict('email_not_proven', 'The e-mail address of this person is not proven: that comes before such a role.')

/** How long after signing in somebody may do what cannot be undone without giving his password again. */
export const FRESH_S = 15 * 60

export const freshSignInRequired = (): Refusal =>
  new Refusal(403, 'fresh_sign_in_required', 'Send your password ({"password": "…"}) or sign in anew for this.')

export const wrongPassword = (): Refusal => new Refusal(403, 'wrong_password', 'This is not your password.')

export const lastAdmin = (): Refusal => conflict('last_admin', 'Without this admin there would be none.')

/** What is kept of a link that was mailed. */
export const hashOfLink = (token: string): string => createHash('sha256').update(token).digest('base64url')

/** Under what better-auth keeps a link that sets a new password: told apart from what else it keeps hashed. */
export const keptReset = (identifier: string): string => `reset-password:${hashOfLink(identifier)}`

export const keptResetOf = (token: string): string => keptReset(`reset-password:${token}`)

/** What stays of a person: a row that others may refer to. Nobody can guess its address and sign up with it before. */
export const erasedPerson = () => ({ name: 'Erased', email: `${newId()}@erased.invalid` })
