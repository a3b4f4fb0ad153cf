import { type Static, Type } from 'typebox'
import { ReceivedLine, ReturnReason } from '../events/order-events.ts'
import { Money } from '../money.ts'
import { names } from '../names.ts'
import { Sku } from '../sku.ts'
import { Nullable, pageQuery } from './shared-shapes.ts'
import { text } from './text-shapes.ts'

const Quantity = Type.Integer({ minimum: 1, maximum: 999 })

export const ReturnInput = Type.Object(
  {
    lines: Type.Array(
      Type.Object({ sku: Sku, quantity: Quantity, reason: ReturnReason }, { additionalProperties: false }),
      { minItems: 1, maxItems: 100 },
    ),
    note: Type.Optional(text(1_000)),
  },
  { additionalProperties: false },
)
export type ReturnInput = Static<typeof ReturnInput>

export const returnStatuses = ['requested', 'approved', 'refused', 'withdrawn', 'received', 'refunded'] as const
export const ReturnStatus = Type.Enum(returnStatuses)

export const ReturnShape = Type.Object({
  id: Type.String(),
  order_id: Type.String(),
  order_number: Type.String(),
  customer_id: Nullable(Type.String()),
  status: ReturnStatus,
  lines: Type.Array(Type.Object({ sku: Type.String(), ...names, quantity: Type.Integer(), reason: ReturnReason })),
  received: Type.Array(ReceivedLine, { description: 'what has come back, once it has' }),
  note: Nullable(Type.String()),
  refusal: Nullable(Type.String({ description: 'why it was refused' })),
  refund: Type.Object(Money.properties, {
    description: 'what goes back: for all of it, until it has come; then for what came',
  }),
  refunded: Nullable(Type.Object(Money.properties, { description: 'what has gone back' })),
  requested_at: Type.String(),
  updated_at: Type.String(),
})
export type ReturnShape = Static<typeof ReturnShape>

export const OrderReturnsShape = Type.Object({
  items: Type.Array(ReturnShape, { description: 'newest first' }),
  returnable: Type.Object({
    until: Nullable(Type.String({ description: 'null: nothing of this order can be sent back' })),
    lines: Type.Array(Type.Object({ sku: Type.String(), ...names, quantity: Type.Integer() }), {
      description: 'what can still be sent back, beside what already is or is on its way',
    }),
  }),
})
export type OrderReturnsShape = Static<typeof OrderReturnsShape>

export const ReturnsQuery = Type.Object(
  {
    ...pageQuery,
    status: Type.Optional(ReturnStatus),
    customer: Type.Optional(Type.String({ format: 'uuid', description: 'staff only' })),
  },
  { additionalProperties: false },
)

export const ReturnParams = Type.Object({ id: Type.String({ format: 'uuid' }) })

export const ReturnRefusalInput = Type.Object(
  {
    reason: Type.String({ ...text(500, 1), description: 'the buyer reads it, as it is written' }),
    expected_status: Type.Optional(
      Type.Enum(['requested', 'approved'], {
        default: 'requested',
        description: 'what is refused: a request, or, where nothing has come, a return that was approved',
      }),
    ),
  },
  { additionalProperties: false },
)

export const ReturnReceiptInput = Type.Object(
  {
    lines: Type.Array(
      Type.Object(
        { sku: Sku, quantity: Quantity, condition: ReceivedLine.properties.condition },
        { additionalProperties: false },
      ),
      { minItems: 1, maxItems: 200 },
    ),
  },
  { additionalProperties: false, description: 'what has come, which may be less than was approved' },
)
export type ReturnReceiptInput = Static<typeof ReturnReceiptInput>
