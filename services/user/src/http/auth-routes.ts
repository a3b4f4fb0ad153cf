import {
  ChangeEmailBody,
  ChangePasswordBody,
  EmailBody,
  PasswordBody,
  RecoveryBody,
  ResetPasswordBody,
  SignInBody,
  SignUpBody,
  TotpBody,
} from '@mart/contracts/http/user-shapes'
import type { TObject } from 'typebox'

export interface AuthRoute {
  readonly method: 'GET' | 'POST'
  readonly path: string
  readonly summary: string
  readonly body?: TObject
  /** The field that holds a password to be set. */
  readonly newPassword?: 'password' | 'newPassword'
  /** Whether a password is asked for: of the account that the body names, or of the session's own. */
  readonly guesses?: 'named' | 'own'
  /** Whether its answer comes no sooner than this, so that its time does not tell who has an account. */
  readonly noSoonerThanMs?: number
}

/** All of better-auth that can be reached: what is not in it is 404, impersonating and setting roles for instance. */
export const authRoutes: readonly AuthRoute[] = [
  {
    method: 'POST',
    path: '/sign-up/email',
    summary: 'Open an account and a session',
    body: SignUpBody,
    newPassword: 'password',
  },
  { method: 'POST', path: '/sign-in/email', summary: 'Open a session', body: SignInBody, guesses: 'named' },
  { method: 'GET', path: '/token', summary: 'A token for the other services, for a session' },
  { method: 'GET', path: '/get-session', summary: 'The session and its user' },
  { method: 'POST', path: '/sign-out', summary: 'End the session' },
  {
    method: 'POST',
    path: '/change-password',
    summary: 'Set another password',
    body: ChangePasswordBody,
    newPassword: 'newPassword',
    guesses: 'own',
  },
  {
    method: 'POST',
    path: '/request-password-reset',
    summary: 'Mail a link to set a password',
    body: EmailBody,
    noSoonerThanMs: 400,
  },
  {
    method: 'POST',
    path: '/reset-password',
    summary: 'Set a password, by that link',
    body: ResetPasswordBody,
    newPassword: 'newPassword',
  },
  { method: 'POST', path: '/send-verification-email', summary: 'Mail the verification link again', body: EmailBody },
  { method: 'GET', path: '/verify-email', summary: 'Where the verification link leads' },
  {
    method: 'POST',
    path: '/change-email',
    summary: 'Mail a link to a new address; it counts once it is proven',
    body: ChangeEmailBody,
  },
  {
    method: 'POST',
    path: '/two-factor/enable',
    summary: 'A secret for an authenticator app, and recovery codes; on once a code is verified',
    body: PasswordBody,
    guesses: 'own',
  },
  {
    method: 'POST',
    path: '/two-factor/verify-totp',
    summary: 'The code of the app: ends a sign-in, or turns the second factor on',
    body: TotpBody,
  },
  {
    method: 'POST',
    path: '/two-factor/verify-backup-code',
    summary: 'A recovery code in place of the app; works once',
    body: RecoveryBody,
  },
  {
    method: 'POST',
    path: '/two-factor/generate-backup-codes',
    summary: 'New recovery codes; the old ones end',
    body: PasswordBody,
    guesses: 'own',
  },
  {
    method: 'POST',
    path: '/two-factor/disable',
    summary: 'Turn the second factor off',
    body: PasswordBody,
    guesses: 'own',
  },
]
