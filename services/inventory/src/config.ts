import type { ConfigOf } from '@mart/service-kit/config'
import { Type } from 'typebox'

export const settings = {
  PORT: Type.Integer({ minimum: 0, maximum: 65_535, default: 8007 }),
  LOW_STOCK_AT: Type.Integer({ minimum: 0, maximum: 1_000_000, default: 5 }),
}

export type Config = ConfigOf<typeof settings>
