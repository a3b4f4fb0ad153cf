import type { PaymentStatus } from '@mart/contracts/http/payment-shapes'
import type { PaymentMethod } from '@mart/contracts/payment-methods'

/** A column of a table: whether a change may touch it, and what a new row has in it unless something else is given. */
export interface Column<Value, IsGiven extends boolean = boolean> {
  readonly changes: boolean
  readonly begins?: Value
  /** Only for the types: whether a new row has to be given it. */
  readonly isGiven?: IsGiven
}

export type Columns = Readonly<Record<string, Column<unknown>>>

/** A row of it, by the names of the columns. */
export type RowOf<Of extends Columns> = {
  -readonly [Name in keyof Of]: Of[Name] extends Column<infer Value> ? Value : never
}

type GivenOf<Of extends Columns> = {
  [Name in keyof Of]: Of[Name] extends Column<unknown, true> ? Name : never
}[keyof Of]

/** What a new row has to be given, and what it may. */
export type NewRow<Of extends Columns> = Pick<RowOf<Of>, GivenOf<Of>> & Partial<RowOf<Of>>

/** Written once, by whoever makes the row. */
export function fixed<Value>(): Column<Value, true>
export function fixed<Value>(begins: Value): Column<Value, false>
export function fixed<Value>(...[begins]: [Value?]): Column<Value> {
  return { changes: false, ...(begins !== undefined && { begins }) }
}

export function moving<Value>(): Column<Value, true>
export function moving<Value>(begins: Value): Column<Value, false>
export function moving<Value>(...[begins]: [Value?]): Column<Value> {
  return { changes: true, ...(begins !== undefined && { begins }) }
}

/** A row that has what is given, and else what its columns begin with. */
export function newRow<Of extends Columns>(columns: Of, given: NewRow<Of>): RowOf<Of> {
  const begun = Object.entries(columns).map(([name, { begins }]) => [name, begins])
  return { ...Object.fromEntries(begun), ...given } as RowOf<Of>
}

export type AttemptStatus =
  | 'created' // written down, the provider knows nothing
  | 'calling' // the provider may know
  | 'open'
  | 'processing' // the buyer has done his part, the bank has not
  | 'succeeded'
  | 'failed'
  | 'voiding' // to be ended at the provider
  | 'voided'
  | 'expired'

export type RefundStatus =
  | 'requested' // written down, the provider knows nothing
  | 'calling' // the provider may know
  | 'pending' // the provider has taken it
  | 'succeeded'
  | 'failed' // the provider has not sent it, and will not: a person does, by its task
  | 'unknown' // the provider may have sent it, and can't be asked again without sending it twice

/** What a provider is told about an order. */
export interface Basket {
  number: string
  email: string | null
  phone?: string | null
  lines: { name: string; quantity: number; unit_price: number }[]
  shipping: number
}

// The one place where columns are listed: types, new rows, what is read and what is written follow from it.
export const paymentColumns = {
  id: fixed<string>(),
  order_id: fixed<string>(),
  customer_id: moving<string | null>(),
  method: moving<PaymentMethod>(),
  status: moving<PaymentStatus>('pending'),
  amount: fixed<number>(),
  currency: fixed<string>(),
  /** Of the money that pays the order; while none does, of late money. */
  refunded: moving<number>(0),
  collected: moving<number | null>(null),
  disputed: moving<boolean>(false),
  dispute_status: moving<'open' | 'won' | 'lost' | null>(null),
  disputed_amount: moving<number>(0),
  /** Who took the cash. */
  carrier: moving<string | null>(null),
  delivered_at: moving<Date | null>(null),
  /** When the courier handed the cash in. */
  handed_in_at: moving<Date | null>(null),
  /** Who counted it. */
  handed_in_by: moving<string | null>(null),
  /** The newest number that order asked for. */
  attempt: moving<number>(0),
  due_at: moving<Date | null>(null),
}
export type Payment = RowOf<typeof paymentColumns>

export const attemptColumns = {
  id: fixed<string>(),
  payment_id: fixed<string>(),
  number: fixed<number>(),
  method: fixed<PaymentMethod>(),
  status: moving<AttemptStatus>('created'),
  /** Idempotency keys used up so far at the provider. */
  key_number: moving<number>(1),
  session_id: moving<string | null>(null),
  provider_payment_id: moving<string | null>(null),
  url: moving<string | null>(null),
  go_token: fixed<string>(),
  error: moving<string | null>(null),
  expires_at: moving<Date | null>(null),
  basket: moving<Basket | null>(),
  /** Of what asked for it. */
  traceparent: fixed<string | null>(null),
  /** The most that the provider says it sent back of its charge. */
  refunded_there: moving<number>(0),
  /** What the provider kept of its charge, in the currency of our account there; null: not known. */
  fee: moving<number | null>(null),
  fee_currency: moving<string | null>(null),
  created_at: fixed<Date>(),
}
export type Attempt = RowOf<typeof attemptColumns>

/** Money on its way back. `attempt_id` null means cash. */
export const refundColumns = {
  id: fixed<string>(),
  payment_id: fixed<string>(),
  attempt_id: fixed<string | null>(),
  method: fixed<PaymentMethod>(),
  /** The charge that it takes from, by the provider's name for it. */
  provider_payment_id: fixed<string | null>(),
  provider_refund_id: moving<string | null>(null),
  status: moving<RefundStatus>('requested'),
  amount: fixed<number>(),
  currency: fixed<string>(),
  /** Sends back money that came besides what pays the order. */
  is_extra: fixed<boolean>(),
  /** A code of ours, or, where staff asked, their words, which no customer reads. */
  reason: fixed<string>(),
  public_reason: fixed<string | null>(null),
  asked_by: fixed<string | null>(null),
  /** The return of goods that it is for. */
  return_id: fixed<string | null>(null),
  key_number: moving<number>(1),
  error: moving<string | null>(null),
  created_at: fixed<Date>(),
}
export type Refund = RowOf<typeof refundColumns>

/** Money that a person must see to: a refund that no provider brings, or cash that a courier brought too little of. */
export const taskColumns = {
  id: fixed<string>(),
  payment_id: fixed<string>(),
  order_id: fixed<string>(),
  kind: fixed<'refund' | 'cash_short'>(),
  refund_id: fixed<string | null>(null),
  attempt_id: fixed<string | null>(null),
  method: fixed<PaymentMethod>(),
  provider_payment_id: fixed<string | null>(null),
  amount: fixed<number>(),
  currency: fixed<string>(),
  reason: fixed<string>(),
  asked_by: fixed<string | null>(null),
  taken_by: moving<string | null>(null),
  taken_at: moving<Date | null>(null),
  done_by: moving<string | null>(null),
  done_at: moving<Date | null>(null),
  note: moving<string | null>(null),
}
export type RefundTask = RowOf<typeof taskColumns>

export type CallKind = 'open' | 'end' | 'poll' | 'refund'

/** A call to a provider that waits or is under way; `poll` asks for the provider's own record of an attempt. */
export const callColumns = {
  id: fixed<string>(),
  payment_id: fixed<string>(),
  kind: fixed<CallKind>(),
  attempt_id: fixed<string>(),
  refund_id: fixed<string | null>(null),
  /** While it is claimed: when the claim ends. */
  due_at: moving<Date>(),
  /** Until then it is left to whoever claimed it. */
  claimed_until: moving<Date | null>(null),
  tries: moving<number>(0),
  /** Of a poll: nobody asks any more after this. */
  ends_at: moving<Date | null>(null),
  /** Of a poll: what a notification named, where to look first, no proof of anything. */
  transaction_id: moving<string | null>(null),
}
export type Call = RowOf<typeof callColumns>
