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
  /** The page of messages that was asked for is none. */
  readonly isFromStart: boolean
  readonly isSaved: boolean
}

export type SecondFactorDone = 'on' | 'off'

export interface SecondFactorProps {
  readonly isOn: boolean
  readonly form: FormState
  /** What an app and a sheet of paper are given before it is on, this once. */
  readonly begun: { readonly uri: string; readonly codes: readonly string[] } | null
  /** Recovery codes that have just taken the place of those before. */
  readonly newCodes: readonly string[] | null
  readonly done: SecondFactorDone | null
}

export interface DataProps {
  readonly form: FormState
}
