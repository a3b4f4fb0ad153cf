import assert from 'node:assert/strict'
import type { DataOf } from '@mart/contracts/events/define-event'
import { StockAvailabilityChanged } from '@mart/contracts/events/inventory-events'
import type { OrderCancelled, OrderPlaced, OrderShipped } from '@mart/contracts/events/order-events'
import { ProductPublished } from '@mart/contracts/events/product-events'
import { newId } from '@mart/service-kit/ids'
import type { Database } from '@mart/service-kit/postgres'
import { startTestService } from '@mart/service-kit/testing'
import { inventory } from '../src/main.ts'

export const staff = { id: newId(), role: 'staff' as const }
export const startInventory = () => startTestService(inventory)
export type Inventory = Awaited<ReturnType<typeof startInventory>>

const money = { amount: 100, currency: 'PKR' }

const orderOf = (order_id: string) => ({
  order_id,
  number: 'M-1',
  customer_id: null,
  contact: { name: 'A Buyer', email: 'buyer@example.com', phone: null, language: 'en' },
  payment_method: 'cash_on_delivery' as const,
  total: money,
})

export type Lines = readonly (readonly [sku: string, quantity: number])[]

export const placed = (lines: Lines, order_id = newId()): DataOf<typeof OrderPlaced> => ({
  ...orderOf(order_id),
  lines: lines.map(([sku, quantity]) => ({ sku, quantity, name: sku, unit_price: 100 })),
  subtotal: money,
  shipping: money,
  shipping_address: { name: 'A Buyer', line1: '1 Road', city: 'Lahore', country: 'PK', phone: '+923001234567' },
  placed_at: new Date().toISOString(),
})

export const cancelled = (order_id: string): DataOf<typeof OrderCancelled> => ({
  ...orderOf(order_id),
  reason: 'customer_request',
  missing: [],
  refunding: false,
  cancelled_at: new Date().toISOString(),
})

export const shipped = (order_id: string): DataOf<typeof OrderShipped> => ({
  ...orderOf(order_id),
  carrier: 'TCS',
  tracking_number: '1',
  shipped_at: new Date().toISOString(),
})

export const product = (
  skus: readonly string[],
  { product_id = newId(), version = 1 } = {},
): DataOf<typeof ProductPublished> => ({
  product_id,
  version,
  slug: product_id,
  name: 'Tea',
  category_slugs: [],
  image_urls: [],
  variants: skus.map((sku) => ({ sku, name: sku, prices: [money] })),
})

/** New SKUs with this much on the shelf each. */
export async function stocked({ consume, http }: Inventory, ...quantities: number[]): Promise<string[]> {
  const skus = quantities.map((_, n) => `SKU-${newId()}-${n}`)
  await consume(ProductPublished, product(skus))
  for (const [n, delta] of quantities.entries()) {
    if (delta === 0) continue
    const body = { delta, reason: 'received' }
    const answer = await http('POST', `/stock/${encodeURIComponent(skus[n]!)}/adjustments`, { as: staff, body })
    assert.equal(answer.status, 201)
  }
  return skus
}

export async function shelf(db: Database, sku: string): Promise<{ on_hand: number; reserved: number }> {
  const [row] = await db<{ on_hand: number; reserved: number }[]>`
    select on_hand, reserved from stock where sku = ${sku}`
  assert.ok(row, `${sku} is not known`)
  return { ...row }
}

/**
 * The books of the whole database: on hand is the sum of the movements, each of which continues the one before it;
 * reserved is the sum of the open reservations; the class is the true one and the one last said.
 */
export async function assertBooks({ service: { db }, published }: Inventory): Promise<void> {
  const wrong = await db`
    select sku from stock
    where on_hand <> (select coalesce(sum(delta), 0) from movements where movements.sku = stock.sku)
       or reserved <> (select coalesce(sum(quantity), 0) from reservations
                       where reservations.sku = stock.sku and state = 'open')
       or availability <> case when on_hand = reserved then 'out'
                               when on_hand - reserved <= low_stock_at then 'low' else 'in_stock' end`
  assert.deepEqual([...wrong], [])
  const torn = await db`
    select sku, seq from (
      select sku, seq, on_hand_after, sum(delta) over (partition by sku order by seq) as so_far from movements) as m
    where on_hand_after <> so_far`
  assert.deepEqual([...torn], [])
  const classes = new Map((await published(StockAvailabilityChanged)).map(({ key, data }) => [key, data.availability]))
  for (const { sku, availability } of await db<{ sku: string; availability: string }[]>`select * from stock`) {
    assert.equal(classes.get(sku) ?? 'out', availability, sku)
  }
  const [parked] = await db<{ count: number }[]>`select count(*) from parked`
  assert.equal(parked?.count, 0)
}
