import { StockAvailabilityChanged } from '@mart/contracts/events/inventory-events'
import { ProductChanged, ProductPublished, ProductRetired } from '@mart/contracts/events/product-events'
import { newId } from '@mart/service-kit/ids'
import type { Answer, TestPerson } from '@mart/service-kit/testing'
import { type OrderShop, startOrderShop } from './order-fixture.ts'

export interface CartShop extends OrderShop {
  readonly cart: (currency?: string, as?: TestPerson) => Promise<string>
  readonly put: (id: string, sku: string, quantity: unknown, as?: TestPerson) => Promise<Answer>
  readonly look: (id: string, as?: TestPerson) => Promise<Answer['body']>
  /** A new product of one variant; returns its SKU, and how to tell of it again. */
  readonly sell: (change?: Told) => Promise<Sold>
  readonly stock: (sku: string, available: number, availability?: 'in_stock' | 'low' | 'out') => Promise<unknown>
}
interface Told {
  readonly amount?: number
  readonly currency?: string
  readonly max_quantity?: number
}
export interface Sold {
  readonly sku: string
  readonly id: string
  readonly change: (told: Told) => Promise<unknown>
  readonly retire: () => Promise<unknown>
}

/** An order service that sells nothing yet; delivery is 250 rupees or 15 dollars, nothing from 5,000 rupees on. */
export async function startCartShop(settings: Record<string, string> = {}): Promise<CartShop> {
  const shop = await startOrderShop({ FREE_SHIPPING_FROM: 'PKR:500000', ...settings })
  let made = 0
  return {
    ...shop,
    cart: async (currency = 'PKR', as) => (await shop.http('POST', '/carts', { as, body: { currency } })).body.id,
    put: (id, sku, quantity, as) =>
      shop.http('PUT', `/carts/${id}/lines/${encodeURIComponent(sku)}`, { as, body: { quantity } }),
    look: async (id, as) => (await shop.http('GET', `/carts/${id}`, { as })).body,
    async sell(first = {}) {
      made += 1
      const [sku, id] = [`TEA/${made} g`, newId()]
      let version = 0
      const slug = `tea-${made}`
      const product = ({ amount = 10_000, currency = 'PKR', ...limit }: Told) => {
        version += 1
        return {
          ...{ product_id: id, version, slug, name: 'Tea', category_slugs: [] },
          image_urls: ['https://shop.example/tea.webp', 'https://shop.example/back.webp'],
          variants: [{ sku, name: '450 g', prices: [{ amount, currency }], ...limit }],
        }
      }
      await shop.consume(ProductPublished, product(first))
      return {
        sku,
        id,
        change: (told) => shop.consume(ProductChanged, product(told)),
        retire: () => shop.consume(ProductRetired, product({})),
      }
    },
    stock: (sku, available, availability = available === 0 ? 'out' : 'low') =>
      shop.consume(StockAvailabilityChanged, { sku, availability, available }),
  }
}
