import { type Static, Type } from 'typebox'
import { CurrencyCode } from '../currencies.ts'
import { Time } from '../events/shared-shapes.ts'
import { MAX_AMOUNT, Money, MoneyInput } from '../money.ts'
import { PaymentMethod, UnavailableReason } from '../payment-methods.ts'
import { Nullable, pageQuery } from './shared-shapes.ts'
import { Country, line, text } from './text-shapes.ts'
import { Day } from './time-shapes.ts'

const Id = Type.String({ format: 'uuid' })

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
  reason: Type.String({
    description: 'to staff their own words; to the customer the public reason, or a code of ours',
  }),
  public_reason: Type.String({ description: 'what the customer reads as its reason' }),
  asked_by: Nullable(Type.String({ format: 'uuid', description: 'who of staff; told to staff alone' })),
  return_id: Nullable(Type.String({ format: 'uuid', description: 'the return of goods that it is for' })),
  error: Nullable(Type.String({ description: 'what went wrong last; told to staff alone' })),
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
  currency: CurrencyCode,
  country: Country,
  city: Type.Optional(Type.String({ maxLength: 200 })),
  total: Type.Optional(Type.Integer({ minimum: 0, maximum: MAX_AMOUNT, description: 'in minor units' })),
})

export const OfferedMethodShape = Type.Object({
  method: PaymentMethod,
  name: Type.String(),
  description: Type.String(),
})

export const PaymentMethodsShape = Type.Object({
  items: Type.Array(OfferedMethodShape),
  unavailable: Type.Array(
    Type.Object({ method: PaymentMethod, name: Type.String(), code: UnavailableReason, message: Type.String() }),
    { description: 'what the shop takes, but not for this basket, and why' },
  ),
})

const staffWords = text(1_000, 1)

export const RefundBody = Type.Object(
  {
    amount: Type.Optional(MoneyInput),
    reason: staffWords,
    public_reason: Type.Optional(text(200, 1)),
  },
  {
    additionalProperties: false,
    description: 'without an amount: the rest; `reason` is for staff alone, `public_reason` for the customer',
  },
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
    description:
      'paid_too_late, paid_twice, amount_differs, order_cancelled, goods_returned, cash_short, or the words of staff',
  }),
  public_reason: Nullable(Type.String({ description: 'what the customer reads instead' })),
  asked_by: Nullable(Id),
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

export const RefundTaskDoneBody = Type.Object({ note: staffWords }, { additionalProperties: false })

export const CourierCashQuery = Type.Object({
  date: Type.String({ ...Day, description: 'the day of the deliveries, where the shop is, from 1970 to 2999' }),
})

export const CourierCashShape = Type.Object({
  carrier: Nullable(Type.String()),
  deliveries: Type.Integer(),
  due: Type.Object({ ...Money.properties }, { description: 'what the orders cost' }),
  collected: Type.Object({ ...Money.properties }, { description: 'what the courier took' }),
  handed_in: Type.Object({ ...Money.properties }, { description: 'what of it he has handed in; the rest he owes' }),
  handed_in_by: Type.Array(Id, { description: 'who of staff counted it' }),
  order_ids: Type.Array(Id),
})
export type CourierCashShape = Static<typeof CourierCashShape>

/** `amount` is all that he still owes of that day. */
export const CashHandedInBody = Type.Object(
  {
    date: CourierCashQuery.properties.date,
    carrier: Nullable(line(100)),
    amount: MoneyInput,
  },
  { additionalProperties: false },
)
