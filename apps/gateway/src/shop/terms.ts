import type { OrderTermsShape } from '@mart/contracts/http/order-terms-shapes'
import type { OfferedMethod, Terms } from '@mart/web/pages'
import { LRUCache } from 'lru-cache'
import type { Caller } from '../services-client.ts'
import type { ShopSetting } from './setting.ts'

/** How old they may be: settings of services that change rarely. */
const KEPT_MS = 60_000

/** What delivery costs and how one may pay, by currency; null while nobody says so. */
export function termsOf({ services, country }: ShopSetting) {
  const known = new LRUCache<string, Terms, Caller>({
    max: 50,
    ttl: KEPT_MS,
    allowStale: true,
    allowStaleOnFetchRejection: true,
    noDeleteOnFetchRejection: true,
    async fetchMethod(currency, _, { context }) {
      const query = new URLSearchParams({ currency, country })
      const [{ delivery, max_quantity: maxQuantity, return_days: returnDays }, { items }] = await Promise.all([
        services.ask<OrderTermsShape>('order', '/order-terms', context),
        services.ask<{ items: OfferedMethod[] }>('payment', `/payment-methods?${query}`, context),
      ])
      const own = delivery.find(({ charge }) => charge.currency === currency)
      const ways = items.map(({ method }) => method)
      return { charge: own?.charge ?? null, freeFrom: own?.free_from ?? null, ways, maxQuantity, returnDays }
    },
  })
  return async (currency: string, caller: Caller): Promise<Terms | null> =>
    (await known.fetch(currency, { context: anybody(caller) }).catch(() => null)) ?? null
}

/** What is kept for everybody is asked for by nobody in particular. */
const anybody = ({ address, requestId }: Caller): Caller => ({ address, requestId })
