import { type Static, Type } from 'typebox'
import { Time } from '../events/shared-shapes.ts'
import { Currency, MAX_AMOUNT, Money } from '../money.ts'
import { PaymentMethod } from '../payment-methods.ts'
import { Nullable, pageQuery } from './shared-shapes.ts'

const Id = Type.String({ format: 'uuid' })
const words = { minLength: 1, maxLength: 1_000, pattern: '^[^\\u0000]*$' }

export const PaymentStatus = Type.Enum([
  'pending',
  'action_required',
  'processing',
  'succeeded',
  'failed',
  'voided',
  'refunded',
  'partially_refunded',
  'due_on_delivery',
])
export type PaymentStatus = Static<typeof PaymentStatus>

export const AttemptStatus = Type.Enum([
  'created',
  'calling',
  'open',
  'processing',
  'succeeded',
  'failed',
  'voiding',
  'voided',
  'expired',
])
export type AttemptStatus = Static<typeof AttemptStatus>

export const PaymentAttemptShape = Type.Object({
  id: Id,
  number: Type.Integer(),
  method: PaymentMethod,
  status: AttemptStatus,
  error: Nullable(Type.String({ description: 'what went wrong last' })),
  expires_at: Nullable(Time),
  created_at: Time,
})

export const PaymentShape = Type.Object({
  id: Id,
  order_id: Id,
  method: PaymentMethod,
  status: PaymentStatus,
  amount: Money,
  refunded: Money,
  collected: Nullable(Money),
  disputed: Type.Boolean(),
  action: Nullable(
    Type.Object({
      type: Type.Enum(['redirect']),
      url: Type.String({ description: 'to be opened by the buyer with GET' }),
    }),
  ),
  attempts: Type.Array(PaymentAttemptShape),
  created_at: Time,
  updated_at: Time,
})
export type PaymentShape = Static<typeof PaymentShape>

export const PaymentsQuery = Type.Object({ ...pageQuery, order_id: Type.Optional(Id) })

export const PaymentMethodsQuery = Type.Object({
  currency: Currency,
  country: Type.String({ pattern: '^[A-Z]{2}$', description: 'ISO 3166-1 alpha-2', examples: ['PK'] }),
  city: Type.Optional(Type.String({ maxLength: 200 })),
  total: Type.Optional(Type.Integer({ minimum: 0, maximum: MAX_AMOUNT, description: 'in minor units' })),
})

export const OfferedMethodShape = Type.Object({
  method: PaymentMethod,
  name: Type.String(),
  description: Type.String(),
})
export type OfferedMethodShape = Static<typeof OfferedMethodShape>

export const RefundBody = Type.Object(
  {
    amount: Type.Optional(Money),
    reason: Type.String(words),
  },
  { additionalProperties: false, description: 'without an amount: the rest' },
)
export type RefundBody = Static<typeof RefundBody>

export const RefundShape = Type.Object({
  id: Id,
  status: Type.Enum(['requested', 'succeeded', 'failed', 'unknown']),
  amount: Money,
})
export type RefundShape = Static<typeof RefundShape>

export const RefundTaskShape = Type.Object({
  id: Id,
  payment_id: Id,
  order_id: Id,
  method: PaymentMethod,
  provider_payment_id: Nullable(Type.String({ description: "the charge to send back, by the provider's name for it" })),
  amount: Money,
  reason: Type.String({
    description: 'paid_too_late, paid_twice, amount_differs, order_cancelled, or the words of staff',
  }),
  created_at: Time,
  taken_by: Nullable(Id),
  taken_at: Nullable(Time),
  done_by: Nullable(Id),
  done_at: Nullable(Time),
  note: Nullable(Type.String()),
})
export type RefundTaskShape = Static<typeof RefundTaskShape>

export const RefundTasksQuery = Type.Object({
  ...pageQuery,
  state: Type.Optional(Type.Enum(['open', 'done', 'all'], { default: 'open' })),
  order_id: Type.Optional(Id),
})

export const RefundTaskDoneBody = Type.Object({ note: Type.String(words) }, { additionalProperties: false })
