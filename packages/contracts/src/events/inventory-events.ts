import { type Static, Type } from 'typebox'
import { defineEvent, type Topic } from './define-event.ts'
import { Id } from './shared-shapes.ts'

export const inventoryTopic: Topic = { name: 'mart.inventory', producer: 'inventory', retention: 'days' }

export const Availability = Type.Enum(['in_stock', 'low', 'out'])
export type Availability = Static<typeof Availability>

export const StockReserved = defineEvent({
  type: 'stock.reserved',
  version: 1,
  topic: inventoryTopic,
  key: 'order_id',
  data: Type.Object({ order_id: Id }),
})

export const StockRefused = defineEvent({
  type: 'stock.refused',
  version: 1,
  topic: inventoryTopic,
  key: 'order_id',
  data: Type.Object({
    order_id: Id,
    missing: Type.Array(Type.Object({ sku: Type.String(), requested: Type.Integer(), available: Type.Integer() })),
  }),
})

/** The reserved goods have left the shelf. */
export const StockCommitted = defineEvent({
  type: 'stock.committed',
  version: 1,
  topic: inventoryTopic,
  key: 'order_id',
  data: Type.Object({ order_id: Id }),
})

/** The reserved goods are free again. */
export const StockReleased = defineEvent({
  type: 'stock.released',
  version: 1,
  topic: inventoryTopic,
  key: 'order_id',
  data: Type.Object({ order_id: Id }),
})

/** Said when a SKU changes its class, when its number changes while it is low, and once a day. */
export const StockAvailabilityChanged = defineEvent({
  type: 'stock.availability_changed',
  version: 1,
  topic: inventoryTopic,
  key: 'sku',
  data: Type.Object({ sku: Type.String(), availability: Availability, available: Type.Integer({ minimum: 0 }) }),
})

export const StockLow = defineEvent({
  type: 'stock.low',
  version: 1,
  topic: inventoryTopic,
  key: 'sku',
  data: Type.Object({
    sku: Type.String(),
    available: Type.Integer({ minimum: 0 }),
    low_stock_at: Type.Integer({ minimum: 0 }),
  }),
})
