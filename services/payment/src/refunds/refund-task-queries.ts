import type { RefundTaskShape } from '@mart/contracts/http/payment-shapes'
import type { Queryable } from '@mart/service-kit/postgres'

type Row = Omit<RefundTaskShape, 'amount' | 'age_s' | 'created_at' | 'taken_at' | 'done_at'> & {
  amount: number
  currency: string
  created_at: Date
  taken_at: Date | null
  done_at: Date | null
}

export interface RefundTasksWanted {
  readonly state: 'open' | 'done' | 'all'
  readonly orderId: string | undefined
  readonly afterId: string | null
  readonly limit: number
}

/** Oldest first, from the one after `afterId`. */
export async function listRefundTasks(db: Queryable, wanted: RefundTasksWanted): Promise<RefundTaskShape[]> {
  const { state, orderId, afterId, limit } = wanted
  const rows = await db<Row[]>`
    select ${columns(db)}
    from refund_tasks t
    where true
      ${state === 'all' ? db`` : state === 'open' ? db`and done_at is null` : db`and done_at is not null`}
      ${orderId === undefined ? db`` : db`and order_id = ${orderId}`}
      ${afterId === null ? db`` : db`and id > ${afterId}`}
    order by id limit ${limit}`
  return rows.map(shapeOf)
}

export async function readRefundTask(db: Queryable, id: string): Promise<RefundTaskShape> {
  const [row] = await db<Row[]>`select ${columns(db)} from refund_tasks t where id = ${id}`
  return shapeOf(row!)
}

const columns = (db: Queryable) => db`
  id, kind, refund_id, payment_id, order_id, method, provider_payment_id, amount, currency, reason, asked_by,
  (select public_reason from refunds r where r.id = t.refund_id) as public_reason,
  (select error from refunds r where r.id = t.refund_id) as problem, created_at, taken_by, taken_at, done_by, done_at,
  note`

const shapeOf = ({ amount, currency, created_at, taken_at, done_at, ...row }: Row): RefundTaskShape => ({
  ...row,
  amount: { amount, currency },
  age_s: Math.max(0, Math.floor(((done_at ?? new Date()).getTime() - created_at.getTime()) / 1000)),
  created_at: created_at.toISOString(),
  taken_at: taken_at?.toISOString() ?? null,
  done_at: done_at?.toISOString() ?? null,
})

const MOST_COUNTED = 10_000

/** How many tasks wait for a person, and for how long the oldest does. */
export async function readOpenRefundTasks(db: Queryable): Promise<{ open: number; oldest_seconds: number }> {
  const [row] = await db<{ open: number; oldest_seconds: number }[]>`
    select count(*) as open, coalesce(extract(epoch from now() - min(created_at)), 0)::float8 as oldest_seconds
    from (select created_at from refund_tasks where done_at is null order by id limit ${MOST_COUNTED}) waiting`
  return row!
}
