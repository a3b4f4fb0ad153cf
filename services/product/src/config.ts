import type { ConfigOf } from '@mart/service-kit/config'
import { Type } from 'typebox'

export const settings = {
  PORT: Type.Integer({ minimum: 0, maximum: 65_535, default: 8005 }),
  /** A folder of pictures served under /images/; not set: none are. */
  PRODUCT_IMAGES_DIR: Type.Optional(Type.String()),
}

export type Config = ConfigOf<typeof settings>
