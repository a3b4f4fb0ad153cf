import type { ConfigOf } from '@mart/service-kit/config'
import { mailSettings } from '@mart/service-kit/mail-work'
import { Type } from 'typebox'

export const settings = {
  PORT: Type.Integer({ minimum: 0, maximum: 65_535, default: 8009 }),
  ...mailSettings,
  /** Who hears of low stock, refunds to make by hand and disputes; nobody when not set. */
  STAFF_EMAIL: Type.Optional(Type.String({ format: 'email' })),
  MAIL_RETRY_BASE_MS: Type.Integer({ minimum: 10, maximum: 600_000, default: 30_000 }),
}

export type Config = ConfigOf<typeof settings>
