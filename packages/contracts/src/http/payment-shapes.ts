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

export const RefundStatus = Type.Enum(['requested', 'calling', 'pending', 'succeeded', 'failed', 'unknown'])
export type RefundStatus = Static<typeof RefundStatus>

export const PaymentRefundShape = Type.Object({
  id: Id,
  status: RefundStatus,
  amount: Money,
  reason: Type.String(),
  error: Nullable(Type.String({ description: 'what went wrong last' })),
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
  refunds: Type.Array(PaymentRefundShape),
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
  status: RefundStatus,
  amount: Money,
})
export type RefundShape = Static<typeof RefundShape>

export const RefundTaskShape = Type.Object({
  id: Id,
  payment_id: Id,
  order_id: Id,
  method: PaymentMethod,
  provider_payment_id: Nullable(Type.String({ description: "the charge to send back, by the provider's name for it" })),
  kind: Type.Enum(['refund', 'cash_short'], { description: 'cash_short: a courier brought too little' }),
  refund_id: Nullable(Id),
  amount: Money,
  reason: Type.String({
    description: 'paid_too_late, paid_twice, amount_differs, order_cancelled, cash_short, or the words of staff',
  }),
  problem: Nullable(Type.String({ description: 'why no provider sends it back' })),
  age_s: Type.Integer({ description: 'seconds from its beginning until it was done, or until now' }),
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

export const CourierCashQuery = Type.Object({
  date: Type.String({
    format: 'date',
    description: 'the day of the deliveries, where the shop is',
    examples: ['2026-11-22'],
  }),
})

export const CourierCashShape = Type.Object({
  carrier: Nullable(Type.String()),
  deliveries: Type.Integer(),
  due: Type.Object({ ...Money.properties }, { description: 'what the orders cost' }),
  collected: Type.Object({ ...Money.properties }, { description: 'what the courier took' }),
  handed_in: Type.Object({ ...Money.properties }, { description: 'what of it he has handed in; the rest he owes' }),
  order_ids: Type.Array(Id),
})
export type CourierCashShape = Static<typeof CourierCashShape>

/** `amount` is all that he still owes of that day. */
export const CashHandedInBody = Type.Object(
  {
    date: CourierCashQuery.properties.date,
    carrier: Nullable(Type.String({ maxLength: 100 })),
    amount: Money,
  },
  { additionalProperties: false },
)
