import { conflict, Refusal } from '@mart/service-kit/errors'
import { newId } from '@mart/service-kit/ids'

/** How long a token of this role lives, in seconds: what staff may do is taken back sooner. */
export const tokenSeconds = (role: string): number => (role === 'customer' ? 15 * 60 : 5 * 60)

/** A token outlives the account that it was given to by minutes. */
export const accountGone = (): Refusal => new Refusal(401, 'account_gone', 'This account no longer exists.')

export const adminsOnly = (): Refusal => new Refusal(403, 'forbidden', 'This is for admin only.')

export const lastAdmin = (): Refusal => conflict('last_admin', 'Without this admin there would be none.')

/** What stays of a person: a row that others may refer to. Nobody can guess its address and sign up with it before. */
export const erasedPerson = () => ({ name: 'Erased', email: `${newId()}@erased.invalid` })
