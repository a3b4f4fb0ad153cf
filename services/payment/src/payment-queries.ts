import type { PaymentShape, PaymentStatus } from '@mart/contracts/http/payment-shapes'
import type { Money } from '@mart/contracts/money'
import type { PaymentMethod } from '@mart/contracts/payment-methods'
import type { Queryable } from '@mart/service-kit/postgres'
import type { PageAttempt } from './payfast/payfast-form.ts'
import { goPath } from './payment-record.ts'
import type { Attempt, AttemptStatus, Refund } from './payment-tables.ts'
import { publicReason } from './refunds/send-back.ts'

interface PaymentRow {
  id: string
  order_id: string
  method: PaymentMethod
  status: PaymentStatus
  amount: number
  currency: string
  refunded: number
  collected: number | null
  disputed: boolean
  created_at: Date
  updated_at: Date
}

type AttemptRow = Pick<
  Attempt,
  'id' | 'payment_id' | 'number' | 'method' | 'status' | 'error' | 'expires_at' | 'created_at' | 'go_token'
>

type RefundRow = Pick<
  Refund,
  | 'id'
  | 'status'
  | 'amount'
  | 'currency'
  | 'reason'
  | 'public_reason'
  | 'asked_by'
  | 'return_id'
  | 'error'
  | 'created_at'
> & { payment_id: string }

export interface PaymentsWanted {
  readonly orderId: string | undefined
  /** Null for all of them, which staff alone may see. */
  readonly customerId: string | null
  readonly beforeId: string | null
  readonly limit: number
}

/** Newest first, from the one before `beforeId`; `publicUrl` is where a browser reaches this service. */
export async function listPayments(db: Queryable, wanted: PaymentsWanted, publicUrl: string): Promise<PaymentShape[]> {
  const { orderId, customerId, beforeId, limit } = wanted
  const payments = await db<PaymentRow[]>`
    select id, order_id, method, status, amount, currency, refunded, collected, disputed, created_at, updated_at
    from payments
    where true
      ${orderId === undefined ? db`` : db`and order_id = ${orderId}`}
      ${customerId === null ? db`` : db`and customer_id = ${customerId}`}
      ${beforeId === null ? db`` : db`and id < ${beforeId}`}
    order by id desc limit ${limit}`
  const attempts = await db<AttemptRow[]>`
    select id, payment_id, number, method, status, error, expires_at, created_at, go_token from attempts
    where payment_id = any(${payments.map(({ id }) => id)}::uuid[]) order by number`
  const refunds = await db<RefundRow[]>`
    select id, payment_id, status, amount, currency, reason, public_reason, asked_by, return_id, error, created_at from refunds
    where payment_id = any(${payments.map(({ id }) => id)}::uuid[]) order by id`
  const attemptsOf = Map.groupBy(attempts, ({ payment_id }) => payment_id)
  const refundsOf = Map.groupBy(refunds, ({ payment_id }) => payment_id)
  return payments.map((payment) => ({
    ...shapeOf(payment, (attemptsOf.get(payment.id) ?? []).map(customerId === null ? asItIs : forBuyer), publicUrl),
    refunds: (refundsOf.get(payment.id) ?? []).map((row) => refundShapeOf(row, { isForStaff: customerId === null })),
  }))
}

function refundShapeOf(refund: RefundRow, { isForStaff }: { isForStaff: boolean }) {
  const { payment_id: _, amount, currency, created_at, ...row } = refund
  const public_reason = publicReason(refund)
  return {
    ...row,
    public_reason,
    ...(isForStaff ? {} : { reason: public_reason, asked_by: null, error: null }),
    amount: { amount, currency },
    created_at: created_at.toISOString(),
  }
}

const asItIs = (attempt: AttemptRow): AttemptRow => attempt

/** Why a card was declined is the buyer's to read; why a call of ours got no answer is not. */
const forBuyer = (attempt: AttemptRow): AttemptRow =>
  ['created', 'calling', 'voiding'].includes(attempt.status) ? { ...attempt, error: null } : attempt

function shapeOf(payment: PaymentRow, attempts: AttemptRow[], publicUrl: string): Omit<PaymentShape, 'refunds'> {
  const { amount, currency, refunded, collected, created_at, updated_at, ...rest } = payment
  const open = attempts.find(({ status }) => status === 'open')
  return {
    ...rest,
    amount: { amount, currency },
    refunded: { amount: refunded, currency },
    collected: collected === null ? null : { amount: collected, currency },
    action: open ? { type: 'redirect', url: `${publicUrl}${goPath(open)}` } : null,
    attempts: attempts.map(({ payment_id: _, go_token: __, ...attempt }) => ({
      ...attempt,
      expires_at: attempt.expires_at?.toISOString() ?? null,
      created_at: attempt.created_at.toISOString(),
    })),
    created_at: created_at.toISOString(),
    updated_at: updated_at.toISOString(),
  }
}

/** An attempt as the buyer's browser meets it. */
export interface AttemptSeen {
  id: string
  order_id: string
  go_token: string
  method: PaymentMethod
  status: AttemptStatus
  url: string | null
  customer_id: string | null
  payment_status: PaymentStatus
  amount: number
  currency: string
}

export async function findAttempt(db: Queryable, id: string): Promise<AttemptSeen | null> {
  const [attempt] = await db<AttemptSeen[]>`
    select a.id, p.order_id, a.go_token, a.method, a.status, a.url, p.customer_id, p.status as payment_status, p.amount, p.currency
    from attempts a join payments p on p.id = a.payment_id where a.id = ${id}`
  return attempt ?? null
}

/** What a page of PayFast's is opened with; null once the attempt is not open, or its order is due. */
export async function findPage(db: Queryable, id: string): Promise<{ attempt: PageAttempt; money: Money } | null> {
  const [row] = await db<(PageAttempt & Money)[]>`
    select a.id, a.go_token, a.basket, a.created_at, p.amount, p.currency
    from attempts a join payments p on p.id = a.payment_id
    where a.id = ${id} and a.method = 'payfast' and a.status = 'open' and (p.due_at is null or p.due_at > now())`
  if (!row) return null
  const { amount, currency, ...attempt } = row
  return { attempt, money: { amount, currency } }
}
