import type { ConfigOf } from '@mart/service-kit/config'
import { mailSettings } from '@mart/service-kit/mail-work'
import { Type } from 'typebox'

export const settings = {
  PORT: Type.Integer({ minimum: 0, maximum: 65_535, default: 8009 }),
  ...mailSettings,
  /** Who hears of low stock, refunds to make by hand and disputes; nobody when not set. */
  STAFF_EMAIL: Type.Optional(Type.String({ format: 'email' })),
  SHOP_URL: Type.Optional(
    Type.String({
      pattern: '^https?://',
      'x-must': 'must begin with http:// or https://',
      description: 'the shop window, where an order has its page; none: mails have no link to it',
    }),
  ),
  GUEST_LINK_SECRET: Type.String({
    default: '',
    description: 'the order service’s; empty: mails of guests have no link to their order',
  }),
  MAIL_RETRY_BASE_MS: Type.Integer({ minimum: 10, maximum: 600_000, default: 30_000 }),
}

export type Config = ConfigOf<typeof settings>
