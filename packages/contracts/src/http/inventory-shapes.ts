import { type Static, Type } from 'typebox'
import { Time } from '../events/shared-shapes.ts'
import { Sku } from '../sku.ts'
import { Nullable, pageQuery } from './shared-shapes.ts'

const Id = Type.String({ format: 'uuid' })

export const SkuParams = Type.Object({ sku: Sku })

export const StockShape = Type.Object({
  sku: Type.String(),
  on_hand: Type.Integer(),
  reserved: Type.Integer(),
  available: Type.Integer({ description: 'on_hand less reserved' }),
  low_stock_at: Type.Integer(),
  updated_at: Time,
})
export type StockShape = Static<typeof StockShape>

export const StockQuery = Type.Object({
  ...pageQuery,
  below_low: Type.Optional(
    Type.Boolean({ description: 'true: only what has at most low_stock_at available', default: false }),
  ),
})

export const LowStockAtBody = Type.Object(
  { low_stock_at: Type.Integer({ minimum: 0, maximum: 1_000_000 }) },
  { additionalProperties: false },
)

export const AdjustmentBody = Type.Object(
  {
    delta: Type.Optional(
      Type.Integer({ minimum: -1_000_000, maximum: 1_000_000, description: 'what came (or, negative, went); not 0' }),
    ),
    counted: Type.Optional(
      Type.Integer({ minimum: 0, maximum: 1_000_000, description: 'what is on the shelf; only with reason count' }),
    ),
    reason: Type.Enum(['received', 'returned', 'damaged', 'count', 'correction']),
    note: Type.Optional(
      Type.String({ maxLength: 1_000, pattern: '^[^\\u0000]*$', 'x-must': 'must have no NUL character' }),
    ),
  },
  { additionalProperties: false, description: 'exactly one of delta and counted' },
)
export type AdjustmentBody = Static<typeof AdjustmentBody>

export const MovementShape = Type.Object({
  id: Id,
  sku: Type.String(),
  delta: Type.Integer(),
  reason: Type.Enum(['received', 'returned', 'damaged', 'count', 'correction', 'sold']),
  on_hand_after: Type.Integer(),
  at: Time,
  by: Type.String({ description: "a user's id, `order <id>` or `return <id>`" }),
  note: Nullable(Type.String()),
})
export type MovementShape = Static<typeof MovementShape>

export const AdjustedShape = Type.Object({ movement: MovementShape, stock: StockShape })

export const MovementsQuery = Type.Object(pageQuery)

export const ReservationShape = Type.Object({
  order_id: Id,
  sku: Type.String(),
  quantity: Type.Integer(),
  state: Type.Enum(['open', 'released', 'committed']),
  reserved_at: Time,
  closed_at: Nullable(Time),
})
export type ReservationShape = Static<typeof ReservationShape>

export const ReservationsQuery = Type.Object({
  ...pageQuery,
  sku: Type.Optional(Sku),
  order_id: Type.Optional(Id),
})
