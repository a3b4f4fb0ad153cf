import { type Static, Type } from 'typebox'
import { Id, ShippingAddress, Time } from '../events/shared-shapes.ts'
import { Language } from '../language.ts'
import { Nullable, pageQuery } from './shared-shapes.ts'
import { Country, Email, emptyOrLine, line, Phone } from './text-shapes.ts'

const Name = line(100)
const Password = Type.String({
  maxLength: 1_000,
  pattern: '^[^\\x00]*$',
  'x-must': 'must have no NUL character',
  description: '8 to 128 characters',
})
export const Role = Type.Enum(['customer', 'staff', 'admin'])

export const SignUpBody = Type.Object(
  {
    email: Email,
    password: Password,
    name: Name,
    language: Type.Optional(Language),
    rememberMe: Type.Optional(Type.Boolean()),
  },
  { additionalProperties: false },
)
export const SignInBody = Type.Object(
  { email: Email, password: Password, rememberMe: Type.Optional(Type.Boolean()) },
  { additionalProperties: false },
)
export const EmailBody = Type.Object({ email: Email }, { additionalProperties: false })
export const ResetPasswordBody = Type.Object(
  { newPassword: Password, token: Type.String({ maxLength: 200, description: 'from the link that was mailed' }) },
  { additionalProperties: false },
)
export const ChangePasswordBody = Type.Object(
  {
    currentPassword: Password,
    newPassword: Password,
    revokeOtherSessions: Type.Boolean({
      default: true,
      description: 'ends every session and answers with the token of a new one',
    }),
  },
  { additionalProperties: false },
)

export const ChangeEmailBody = Type.Object({ newEmail: Email }, { additionalProperties: false })
export const PasswordBody = Type.Object({ password: Password }, { additionalProperties: false })
const pending = Type.Optional(
  Type.String({
    pattern: '^[\\w.%-]{1,300}$',
    'x-must': 'must be the twoFactorToken that the sign-in answered with',
  }),
)
export const TotpBody = Type.Object(
  { code: Type.String({ pattern: '^[0-9]{6}$', 'x-must': 'must be six digits' }), twoFactorToken: pending },
  { additionalProperties: false },
)
export const RecoveryBody = Type.Object(
  { code: Type.String({ minLength: 1, maxLength: 40 }), twoFactorToken: pending },
  { additionalProperties: false },
)

export const JwksShape = Type.Object({ keys: Type.Array(Type.Record(Type.String(), Type.Unknown())) })

export const ProfileShape = Type.Object({
  id: Id,
  email: Type.String(),
  email_verified: Type.Boolean(),
  name: Type.String(),
  phone: Nullable(Type.String()),
  language: Language,
  role: Role,
  created_at: Time,
})
export type ProfileShape = Static<typeof ProfileShape>

export const ProfileBody = Type.Object(
  { name: Type.Optional(Name), phone: Type.Optional(Nullable(Phone)), language: Type.Optional(Language) },
  { additionalProperties: false, minProperties: 1 },
)
export type ProfileBody = Static<typeof ProfileBody>

const addressFields = {
  label: Type.Optional(emptyOrLine(50)),
  name: line(200),
  line1: line(200),
  line2: Type.Optional(emptyOrLine(200)),
  city: line(100),
  region: Type.Optional(emptyOrLine(100)),
  postal_code: Type.Optional(emptyOrLine(20)),
  country: Country,
  phone: Phone,
  is_default: Type.Optional(
    Type.Boolean({ description: 'at most one address is; the first one becomes it by itself' }),
  ),
}

export const AddressBody = Type.Object(addressFields, { additionalProperties: false })
export type AddressBody = Static<typeof AddressBody>

// The country that a national number is read by may be the stored one, so the phone is looked at when both are known.
export const AddressChangeBody = Type.Partial(Type.Object({ ...addressFields, phone: line(60) }), {
  additionalProperties: false,
  minProperties: 1,
  description: 'an empty text takes label, line2, region or postal_code away',
})
export type AddressChangeBody = Static<typeof AddressChangeBody>

export const AddressShape = Type.Object({
  id: Id,
  ...ShippingAddress.properties,
  label: Type.Optional(Type.String()),
  is_default: Type.Boolean(),
})
export type AddressShape = Static<typeof AddressShape>

export const AccountShape = Type.Object({
  id: Id,
  email: Type.String(),
  email_verified: Type.Boolean(),
  name: Type.String(),
  role: Role,
  created_at: Time,
})
export type AccountShape = Static<typeof AccountShape>

export const AccountsQuery = Type.Object({
  ...pageQuery,
  q: Type.Optional(
    Type.String({
      maxLength: 100,
      pattern: '^[^\\x00-\\x1f\\x7f-\\x9f]*$',
      'x-must': 'must have no control characters',
      description: 'a part of the name or the e-mail address',
    }),
  ),
  role: Type.Optional(Role),
})
export type AccountsQuery = Static<typeof AccountsQuery>

/** `skipped`: too many for an address that is not proven. `failed`: refused for good, or its link had expired. */
const AccountMailStatus = Type.Enum(['pending', 'sent', 'skipped', 'failed'])

/** A mail of the user service, without its link. */
export const AccountMailShape = Type.Object({
  id: Id,
  kind: Type.Enum([
    'verify_email',
    'reset_password',
    'change_email',
    'password_changed',
    'account_exists',
    'email_changed',
  ]),
  user_id: Id,
  recipient: Type.String(),
  at: Time,
  status: AccountMailStatus,
  reason: Nullable(Type.String({ description: 'why it is skipped or failed: unproven_limit, expired, refused_550' })),
  attempts: Type.Integer(),
  last_error: Nullable(Type.String()),
  next_attempt_at: Nullable(Time),
  sent_at: Nullable(Time),
})
export type AccountMailShape = Static<typeof AccountMailShape>

/** A mail about one's account, as one is told of it. */
export const OwnMailShape = Type.Pick(AccountMailShape, ['id', 'kind', 'recipient', 'at', 'status'])

/** Where somebody is signed in: never with what opens the session. */
export const SessionShape = Type.Object({
  id: Id,
  address: Nullable(Type.String({ description: 'of the network that it was opened from' })),
  browser: Nullable(Type.String()),
  opened_at: Time,
  ends_at: Time,
})
export type SessionShape = Static<typeof SessionShape>

export const OwnListQuery = Type.Object(pageQuery, { additionalProperties: false })

export const AccountMailsQuery = Type.Object({
  ...pageQuery,
  user_id: Type.Optional(Id),
  status: Type.Optional(AccountMailStatus),
})
export type AccountMailsQuery = Static<typeof AccountMailsQuery>

export const RoleBody = Type.Object({ role: Role }, { additionalProperties: false })

export const EraseBody = Type.Union(
  [Type.Null(), Type.Object({ password: Type.Optional(Password) }, { additionalProperties: false })],
  { description: 'the password, unless the sign-in is younger than 15 minutes' },
)

export const IdParams = Type.Object({ id: Id })
