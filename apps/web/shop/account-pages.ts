import type { NotificationShape, PreferencesShape } from '@mart/contracts/http/notification-shapes'
import type { AddressShape } from '@mart/contracts/http/user-shapes'
import type { FormState } from './form-state.ts'

export interface ForgotProps {
  readonly form: FormState
  readonly isSent: boolean
}

export interface ResetPasswordProps {
  readonly form: FormState
  /** Of the link; null when it does not work. */
  readonly token: string | null
}

export type DetailsDone = 'profile' | 'email' | 'link' | 'password'

export interface DetailsProps {
  readonly profile: FormState
  readonly email: FormState
  readonly password: FormState
  /** The e-mail address as it is. */
  readonly address: string
  readonly isProven: boolean
  readonly done: DetailsDone | null
}

export type AddressesDone = 'added' | 'changed' | 'default' | 'deleted'

export interface AddressesProps {
  readonly addresses: readonly AddressShape[]
  readonly done: AddressesDone | null
}

export interface AddressProps {
  /** Null for a new one. */
  readonly id: string | null
  readonly form: FormState
  /** Of the address that this form becomes, however often it is sent. */
  readonly key: string
}

export interface NotificationsProps {
  readonly preferences: PreferencesShape
  readonly messages: readonly NotificationShape[]
  readonly nextCursor: string | null
  readonly isSaved: boolean
}

export interface DataProps {
  readonly form: FormState
}
