import { cartsBy } from './carts.ts'
import { framesOf } from './frame.ts'
import type { ShopSetting } from './setting.ts'
import { termsOf } from './terms.ts'
import { typedForms } from './typed-forms.ts'

export type Shop = ReturnType<typeof openShop>

/** What the routes of the shop are given. */
export function openShop(setting: ShopSetting) {
  const isSecure = setting.origin.startsWith('https:')
  const carts = cartsBy(setting.services, { isSecure })
  return {
    ...setting,
    carts,
    typed: typedForms({ isSecure }),
    termsIn: termsOf(setting),
    ...framesOf({ ...setting, carts }),
  }
}
