import { MAX_AMOUNT } from '@mart/contracts/money'
import { type Static, type TSchema, Type } from 'typebox'
import { Compile } from 'typebox/compile'

/** What we read of Stripe's objects; whatever else is in them passes. */
const text = Type.String({ maxLength: 5_000, pattern: '^[^\\0\\p{Cs}]*$' })
const maybe = <Schema extends TSchema>(schema: Schema) => Type.Optional(Type.Union([schema, Type.Null()]))
const metadata = maybe(Type.Record(Type.String(), Type.String()))
const amount = Type.Integer({ minimum: 0, maximum: MAX_AMOUNT })
const reference = maybe(Type.Union([text, Type.Object({ id: text })]))

const Charged = Type.Object({
  balance_transaction: maybe(Type.Union([text, Type.Object({ fee: Type.Integer(), currency: text })])),
})

const Intent = Type.Object({
  id: text,
  status: maybe(text),
  amount_received: maybe(amount),
  currency: maybe(text),
  metadata,
  /** Expanded where it is asked for. */
  latest_charge: maybe(Type.Union([text, Charged])),
  last_payment_error: maybe(Type.Object({ message: maybe(text), code: maybe(text) })),
})
export type StripeIntent = Static<typeof Intent>

/** As the API and the webhooks send it. */
const Session = Type.Object({
  id: text,
  status: maybe(text),
  payment_status: text,
  payment_intent: maybe(Type.Union([text, Intent])),
  amount_total: maybe(amount),
  currency: maybe(text),
  client_reference_id: maybe(text),
  metadata,
})
export type StripeSession = Static<typeof Session>

const Refund = Type.Object({
  id: text,
  payment_intent: reference,
  amount,
  currency: text,
  status: maybe(text),
  failure_reason: maybe(text),
  metadata,
})
export type StripeRefund = Static<typeof Refund>

const Charge = Type.Object({ payment_intent: reference, amount_refunded: amount, currency: text, metadata })
export type StripeCharge = Static<typeof Charge>

const Dispute = Type.Object({
  status: Type.Optional(text),
  payment_intent: reference,
  amount,
  currency: text,
  reason: text,
  metadata,
})
export type StripeDispute = Static<typeof Dispute>

const name = Type.String({ minLength: 1, maxLength: 255, pattern: '^[^\\0\\p{Cs}]*$' })
const Event = Type.Object({
  id: name,
  type: name,
  created: Type.Integer({ minimum: 0, maximum: 100_000_000_000 }),
  data: Type.Object({ object: Type.Object({}) }),
})
export type StripeEvent = Static<typeof Event>

const check = <Shape extends TSchema>(shape: Shape) => {
  const compiled = Compile(shape)
  return (value: unknown): value is Static<Shape> => compiled.Check(value)
}
export const isIntent = check(Intent)
export const isSession = check(Session)
export const isRefund = check(Refund)
export const isCharge = check(Charge)
export const isDispute = check(Dispute)
const hasEventsFields = check(Event)

/** No object of Stripe's is as deep; what is deeper neither we nor PostgreSQL could write down. */
const MOST_LEVELS = 50

/** An event, whatever its object is. */
export const isEvent = (value: unknown): value is StripeEvent => isShallow(value, MOST_LEVELS) && hasEventsFields(value)

const isShallow = (value: unknown, levels: number): boolean =>
  typeof value !== 'object' ||
  value === null ||
  (levels > 0 && Object.values(value).every((one) => isShallow(one, levels - 1)))
