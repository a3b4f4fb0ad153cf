import type { ConfigOf } from '@mart/service-kit/config'
import { mailSettings } from '@mart/service-kit/mail-work'
import { Type } from 'typebox'

export const settings = {
  PORT: Type.Integer({ minimum: 0, maximum: 65_535, default: 8000 }),
  AUTH_SECRET: Type.String({ minLength: 32 }),
  /** Where a browser reaches this service: the base of the links in mails. */
  USER_URL: Type.String({
    pattern: '^https?://[^/?#]+/?$',
    'x-must': 'must be like https://shop.example, without a path',
    default: 'http://127.0.0.1:8000',
  }),
  /** Where a browser reaches the shop, which has pages for the links in mails; not set: they lead to this service's own. */
  SHOP_URL: Type.Optional(Type.String({ pattern: '^https?://[^/?#]+$', 'x-must': 'must be scheme, host and port' })),
  ...mailSettings,
  /** `off`: a sign-up opens no session, so that it answers alike for an address that has an account already. */
  SIGN_UP_SIGNS_IN: Type.Enum(['on', 'off'], { default: 'on' }),
  /** `required`: staff and admins get no token without a second factor. */
  STAFF_2FA: Type.Enum(['optional', 'required'], { default: 'optional' }),
  /** After which a new key signs the tokens. */
  SIGNING_KEY_DAYS: Type.Number({ minimum: 1, maximum: 825, default: 90 }),
  MART_ADMIN_EMAIL: Type.Optional(Type.String({ format: 'email', maxLength: 254 })),
  MART_ADMIN_PASSWORD: Type.Optional(Type.String({ minLength: 8, maxLength: 128 })),
}

export type Config = ConfigOf<typeof settings>
