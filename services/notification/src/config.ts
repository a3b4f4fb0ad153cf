import type { ConfigOf } from '@mart/service-kit/config'
import { Type } from 'typebox'

export const settings = {
  PORT: Type.Integer({ minimum: 0, maximum: 65_535, default: 8009 }),
  SMTP_URL: Type.String({ pattern: '^smtps?://', default: 'smtp://127.0.0.1:1025' }),
  MAIL_FROM: Type.String({ minLength: 3, maxLength: 300, default: 'AI Mart <shop@mart.local>' }),
  /** Who hears of low stock, refunds to make by hand and disputes; nobody when not set. */
  STAFF_EMAIL: Type.Optional(Type.String({ format: 'email' })),
  /** Mail servers refuse floods, and a mail costs as much as an order: what sells goes first. */
  MAILS_PER_SECOND: Type.Integer({ minimum: 1, maximum: 1_000, default: 100 }),
  MAIL_RETRY_BASE_MS: Type.Integer({ minimum: 10, maximum: 600_000, default: 30_000 }),
}

export type Config = ConfigOf<typeof settings>
