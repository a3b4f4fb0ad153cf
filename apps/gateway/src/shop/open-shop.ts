import { cartsBy } from './carts.ts'
import { framesOf } from './frame.ts'
import type { ShopSetting } from './setting.ts'
import { termsOf } from './terms.ts'

export type Shop = ReturnType<typeof openShop>

/** What the routes of the shop are given. */
export function openShop(setting: ShopSetting) {
  const carts = cartsBy(setting.services, { isSecure: setting.origin.startsWith('https:') })
  return { ...setting, carts, termsIn: termsOf(setting), ...framesOf({ ...setting, carts }) }
}
