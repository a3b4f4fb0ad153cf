import type { Money } from '@mart/contracts/money'
import {
  type Attempt,
  type AttemptStatus,
  type Call,
  type NewRow,
  newRow,
  type Payment,
  paymentColumns,
  type Refund,
  type RefundTask,
} from './payment-tables.ts'

/** `keep` (the clock asked): money that turns out to have arrived keeps the order. `refund` (a person asked): it goes back. */
export interface OrderVoid {
  if_paid: 'keep' | 'refund'
  answered: boolean
}

/** Everything about one order's money that a decision needs. */
export interface PaymentRecord {
  payment: Payment
  attempts: Attempt[]
  order_void: OrderVoid | null
  refunds: Refund[]
  tasks: RefundTask[]
  /** What is to be asked of providers: which of it the record wants follows from the rest (`record-change.ts`), polls apart. */
  calls: Call[]
}

/** The record of an order of which there was nothing yet. */
export const newRecord = (payment: NewRow<typeof paymentColumns>): PaymentRecord => ({
  payment: newRow(paymentColumns, payment),
  attempts: [],
  order_void: null,
  refunds: [],
  tasks: [],
  calls: [],
})

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
