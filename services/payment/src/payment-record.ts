import type { PaymentStatus } from '@mart/contracts/http/payment-shapes'
import type { Money } from '@mart/contracts/money'
import type { PaymentMethod } from '@mart/contracts/payment-methods'

export interface Payment {
  id: string
  order_id: string
  customer_id: string | null
  method: PaymentMethod
  status: PaymentStatus
  amount: number
  currency: string
  /** Of the money that pays the order; while none does, of late money. */
  refunded: number
  collected: number | null
  disputed: boolean
  dispute_status: 'open' | 'won' | 'lost' | null
  disputed_amount: number
  /** Who took the cash. */
  carrier: string | null
  delivered_at: Date | null
  /** When the courier handed the cash in. */
  handed_in_at: Date | null
  /** Who counted it. */
  handed_in_by: string | null
  /** The newest number that order asked for. */
  attempt: number
  due_at: Date | null
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

/** What a provider is told about an order. */
export interface Basket {
  number: string
  email: string | null
  phone?: string | null
  lines: { name: string; quantity: number; unit_price: number }[]
  shipping: number
}

export interface Attempt {
  id: string
  payment_id: string
  number: number
  method: PaymentMethod
  status: AttemptStatus
  key_number: number
  session_id: string | null
  provider_payment_id: string | null
  url: string | null
  go_token: string
  next_call_at: Date | null
  tries: number
  error: string | null
  expires_at: Date | null
  basket: Basket | null
  /** The most that the provider says it sent back of its charge. */
  refunded_there: number
  /** What the provider kept of its charge, in the currency of our account there; null: not known. */
  fee: number | null
  fee_currency: string | null
  created_at: Date
}

/** `keep` (the clock asked): money that turns out to have arrived keeps the order. `refund` (a person asked): it goes back. */
export interface OrderVoid {
  if_paid: 'keep' | 'refund'
  answered: boolean
}

export type RefundStatus =
  | 'requested' // written down, the provider knows nothing
  | 'calling' // the provider may know
  | 'pending' // the provider has taken it
  | 'succeeded'
  | 'failed' // the provider has not sent it, and will not: a person does, by its task
  | 'unknown' // the provider may have sent it, and can't be asked again without sending it twice

/** Money on its way back. `attempt_id` null means cash. */
export interface Refund {
  id: string
  attempt_id: string | null
  method: PaymentMethod
  /** The charge that it takes from, by the provider's name for it. */
  provider_payment_id: string | null
  provider_refund_id: string | null
  status: RefundStatus
  amount: number
  currency: string
  /** Sends back money that came besides what pays the order. */
  is_extra: boolean
  /** A code of ours, or, where staff asked, their words, which no customer reads. */
  reason: string
  public_reason: string | null
  asked_by: string | null
  key_number: number
  next_call_at: Date | null
  tries: number
  error: string | null
  created_at: Date
}

/** Money that a person must see to: a refund that no provider brings, or cash that a courier brought too little of. */
export interface RefundTask {
  id: string
  kind: 'refund' | 'cash_short'
  refund_id: string | null
  attempt_id: string | null
  method: PaymentMethod
  provider_payment_id: string | null
  amount: number
  currency: string
  reason: string
  asked_by: string | null
  done_by: string | null
  done_at: Date | null
  note: string | null
}

/** Everything about one order's money that a decision needs. */
export interface PaymentRecord {
  payment: Payment
  attempts: Attempt[]
  order_void: OrderVoid | null
  refunds: Refund[]
  tasks: RefundTask[]
}

const live: readonly AttemptStatus[] = ['created', 'calling', 'open', 'processing', 'voiding']

/** Money could still arrive by it. */
export const isLive = ({ status }: Pick<Attempt, 'status'>): boolean => live.includes(status)

/** Whose charge it was; late money is known by the refund that it became. */
export function attemptOf(
  { attempts, refunds }: PaymentRecord,
  named: { attemptId: string } | { charge: string | null },
): Attempt | undefined {
  if ('attemptId' in named) return attempts.find(({ id }) => id === named.attemptId)
  const refund = refunds.find(({ provider_payment_id }) => provider_payment_id === named.charge)
  return (
    attempts.find(({ provider_payment_id }) => provider_payment_id === named.charge) ??
    attempts.find(({ id }) => id === refund?.attempt_id)
  )
}

/** The one attempt whose money pays the order. */
export const paidAttempt = ({ attempts }: PaymentRecord): Attempt | undefined =>
  attempts.find(({ status }) => status === 'succeeded')

/** How much pays the order, or null while nothing does. A paid attempt has brought exactly the amount. */
export const keptMoney = (record: PaymentRecord): number | null =>
  paidAttempt(record) ? record.payment.amount : record.payment.collected

/** Whether a refund takes back what pays the order (or, while nothing does, what came too late) and not extra money. */
export function takesBackKept(record: PaymentRecord, refund: Refund): boolean {
  const paid = paidAttempt(record)
  if (paid) return refund.attempt_id === paid.id && refund.provider_payment_id === paid.provider_payment_id
  if (record.payment.collected !== null) return refund.attempt_id === null
  return refund.reason !== 'amount_differs'
}

const sum = (refunds: readonly Refund[]): number => refunds.reduce((all, { amount }) => all + amount, 0)

/** What went back of the kept money. */
export const refundedOf = (record: PaymentRecord): number =>
  sum(record.refunds.filter((refund) => refund.status === 'succeeded' && takesBackKept(record, refund)))

/** What of the kept money can still be asked back: less what went back and what is on its way. */
export const refundable = (record: PaymentRecord): number =>
  (keptMoney(record) ?? 0) - sum(record.refunds.filter((refund) => takesBackKept(record, refund)))

/** Its provider knows a repeated call by its key; elsewhere a repeat might send the money twice. */
export const isRepeatable = ({ method }: Refund): boolean => method === 'stripe'

export const taskOf = ({ tasks }: PaymentRecord, { id }: Refund): RefundTask | undefined =>
  tasks.find(({ refund_id }) => refund_id === id)

/** The link that the buyer is given. */
export const goPath = ({ id, go_token }: Pick<Attempt, 'id' | 'go_token'>): string =>
  `/payments/attempts/${id}/go?t=${go_token}`

/** Where the provider sends the buyer back. */
export const returnPath = ({ id, go_token }: Pick<Attempt, 'id' | 'go_token'>): string =>
  `/payments/return/${id}?t=${go_token}`

export const moneyOf = ({ payment: { amount, currency } }: PaymentRecord): Money => ({ amount, currency })
