import type { Pages, ReceiptProps } from '@mart/web/pages'
import type { GuestOrders } from '../guest-orders.ts'
import type { Services } from '../services-client.ts'
import type { Sessions } from '../session.ts'

export interface ShopSetting {
  readonly pages: Pages
  readonly services: Services
  readonly sessions: Sessions
  readonly guests: GuestOrders
  /** Scheme and host, as a browser sees them. */
  readonly origin: string
  /** That prices are shown in; the first one unless somebody chooses. */
  readonly currencies: readonly string[]
  readonly country: string
  /** Who sells, as a receipt says it. */
  readonly seller: ReceiptProps['seller']
}
