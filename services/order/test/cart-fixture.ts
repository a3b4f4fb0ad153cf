import { StockAvailabilityChanged } from '@mart/contracts/events/inventory-events'
import { ProductChanged, ProductPublished, ProductRetired } from '@mart/contracts/events/product-events'
import { newId } from '@mart/service-kit/ids'
import { type Answer, eventually, type TestPerson } from '@mart/service-kit/testing'
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
  readonly namesInUrdu?: { readonly product: string; readonly variant: string }
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
      const product = ({ amount = 10_000, currency = 'PKR', namesInUrdu, ...limit }: Told) => {
        version += 1
        return {
          ...{ product_id: id, version, slug, name: 'Tea', category_slugs: [] },
          image_urls: ['https://shop.example/tea.webp', 'https://shop.example/back.webp'],
          ...(namesInUrdu && { translations: { ur: { name: namesInUrdu.product } } }),
          variants: [
            {
              ...{ sku, name: '450 g', prices: [{ amount, currency }], ...limit },
              ...(namesInUrdu && { translations: { ur: { name: namesInUrdu.variant } } }),
            },
          ],
        }
      }
      await shop.consume(ProductPublished, product(first))
      const { currency = 'PKR' } = first
      const { id: probe } = (await shop.http('POST', '/carts', { body: { currency } })).body
      await shop.http('PUT', `/carts/${probe}/lines/${encodeURIComponent(sku)}`, { body: { quantity: 1 } })
      // What is remembered in memory is forgotten a moment after the event.
      const isKnown = (as: (line: Answer['body']) => boolean) =>
        eventually(
          async () => as((await shop.http('GET', `/carts/${probe}`)).body.lines[0]),
          `${sku} is known as it is`,
        )
      return {
        sku,
        id,
        async change(told) {
          await shop.consume(ProductChanged, product(told))
          const price = { amount: told.amount ?? 10_000, currency: told.currency ?? 'PKR' }
          const isPriced = (seen: typeof price | null) =>
            price.currency === currency ? seen?.amount === price.amount : seen === null
          await isKnown((line) => isPriced(line.unit_price) && line.max_quantity === (told.max_quantity ?? 50))
        },
        async retire() {
          await shop.consume(ProductRetired, product({}))
          await isKnown(({ changes }) => changes[0]?.code === 'no_longer_sold')
        },
      }
    },
    stock: (sku, available, availability = available === 0 ? 'out' : 'low') =>
      shop.consume(StockAvailabilityChanged, { sku, availability, available }),
  }
}
