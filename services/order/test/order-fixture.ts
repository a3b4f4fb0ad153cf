import assert from 'node:assert/strict'
import { ProductPublished } from '@mart/contracts/events/product-events'
import { newId } from '@mart/service-kit/ids'
import { type Answer, startTestService, type TestPerson, type TestService } from '@mart/service-kit/testing'
import type { Config } from '../src/config.ts'
import { order } from '../src/main.ts'

export const address = { name: 'Sana', line1: '1 Mall Road', city: 'Lahore', country: 'PK', phone: '+923001234567' }

export const basket = (change: Record<string, unknown> = {}, shipTo: Record<string, unknown> = {}) => ({
  lines: [{ sku: 'RICE', quantity: 1 }],
  currency: 'PKR',
  payment_method: 'cash_on_delivery',
  shipping_address: { ...address, ...shipTo },
  ...change,
})

export interface OrderShop extends TestService<Config> {
  readonly place: (body: unknown, as?: TestPerson) => Promise<Answer>
  /** The order, which must be taken. */
  readonly placed: (body: unknown, as?: TestPerson) => Promise<Answer['body']>
}

/** An order service that sells rice (10 rupees), tea (200) and what is free, with shipping for 250 rupees unless told otherwise. */
export async function startOrderShop(settings: Record<string, string> = {}): Promise<OrderShop> {
  const mart = await startTestService(order, { PAYMENT_METHODS: 'stripe,cash_on_delivery', ...settings })
  const product = (sku: string, amount: number) => ({
    product_id: newId(),
    version: 1,
    slug: sku.toLowerCase(),
    name: sku,
    category_slugs: [],
    image_urls: [],
    variants: [{ sku, name: '', prices: [{ amount, currency: 'PKR' }] }],
  })
  await mart.consume(ProductPublished, product('RICE', 1_000), product('TEA', 20_000), product('SAMPLE', 0))
  const place: OrderShop['place'] = (body, as = { id: newId() }) => mart.http('POST', '/orders', { as, body })
  return {
    ...mart,
    place,
    async placed(body, as) {
      const answer = await place(body, as)
      assert.equal(answer.status, 201, JSON.stringify(answer.body))
      return answer.body
    },
  }
}
