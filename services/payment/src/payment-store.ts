import { isDeepStrictEqual } from 'node:util'
import { newId } from '@mart/service-kit/ids'
import { onceCommitted, type Transaction } from '@mart/service-kit/postgres'
import type { Attempt, OrderVoid, Payment, Refund, RefundTask, Story } from './payment.ts'
import type { Change } from './payment-change.ts'
import { announceProviderWork } from './provider-work.ts'

/** By what a story can be found. */
export type Whose =
  | { readonly orderId: string }
  | { readonly paymentId: string }
  | { readonly attemptId: string }
  | { readonly charge: string }
  | { readonly refundId: string }
  | { readonly taskId: string }

/** Locks the payment and reads all that belongs to it; null when there is none. Every change of any of it starts here. */
export async function lockStory(tx: Transaction, whose: Whose): Promise<Story | null> {
  const [payment] = await tx<Payment[]>`
    select id, order_id, customer_id, method, status, amount, currency, refunded, collected, disputed,
      dispute_status, disputed_amount, carrier, delivered_at, attempt, due_at
    from payments where ${isOf(tx, whose)} for update`
  if (!payment) return null
  // Read after the lock was granted: what was read with it might be older.
  const [attempts, [order_void], refunds, tasks] = await Promise.all([
    tx<Attempt[]>`
      select id, payment_id, number, method, status, key_number, session_id, provider_payment_id, url, go_token,
        next_call_at, tries, error, expires_at, basket, refunded_there, created_at
      from attempts where payment_id = ${payment.id} order by number`,
    tx<OrderVoid[]>`select if_paid, answered from order_voids where order_id = ${payment.order_id}`,
    tx<Refund[]>`
      select id, attempt_id, method, provider_payment_id, provider_refund_id, status, amount, currency, is_extra, reason,
        asked_by, key_number, next_call_at, tries, error, created_at
      from refunds where payment_id = ${payment.id} order by id`,
    tx<RefundTask[]>`
      select id, kind, refund_id, attempt_id, method, provider_payment_id, amount, currency, reason, asked_by, done_by, done_at, note
      from refund_tasks where payment_id = ${payment.id}`,
  ])
  return { payment, attempts: [...attempts], order_void: order_void ?? null, refunds: [...refunds], tasks: [...tasks] }
}

function isOf(tx: Transaction, whose: Whose) {
  if ('orderId' in whose) return tx`order_id = ${whose.orderId}`
  if ('paymentId' in whose) return tx`id = ${whose.paymentId}`
  if ('attemptId' in whose) return tx`id = (select payment_id from attempts where id = ${whose.attemptId})`
  if ('taskId' in whose) return tx`id = (select payment_id from refund_tasks where id = ${whose.taskId})`
  if ('refundId' in whose) return tx`id = (select payment_id from refunds where id = ${whose.refundId})`
  return tx`
    id = (select payment_id from attempts where provider_payment_id = ${whose.charge}
      union all select payment_id from refunds where provider_payment_id = ${whose.charge} limit 1)`
}

/** The story with a call to a provider that is due longest at `now`; 'locked' when somebody has all such under way. */
export async function lockStoryToCall(tx: Transaction, now: Date, what: 'attempts' | 'refunds') {
  const [due] = await tx<{ id: string }[]>`
    select p.id from ${tx(what)} c join payments p on p.id = c.payment_id
    where c.next_call_at <= ${now} order by c.next_call_at limit 1 for update of p skip locked`
  if (due) return await lockStory(tx, { paymentId: due.id })
  const isAny = (await tx`select from ${tx(what)} where next_call_at <= ${now} limit 1`).length > 0
  return isAny ? 'locked' : null
}

export async function addPayment(tx: Transaction, payment: Payment): Promise<void> {
  await tx`insert into payments ${tx(payment)}`
}

/** Writes what the change made different, and what it moved to the ledger. */
export async function saveStory(tx: Transaction, before: Story, after: Change): Promise<void> {
  const differs = <Row extends { id: string }>(rows: Row[], row: Row) =>
    !isDeepStrictEqual(
      rows.find(({ id }) => id === row.id),
      row,
    )
  const attempts = after.attempts.filter((row) => differs(before.attempts, row))
  const refunds = after.refunds.filter((row) => differs(before.refunds, row))
  const tasks = after.tasks.filter((row) => differs(before.tasks, row))
  await Promise.all([
    isDeepStrictEqual(before.payment, after.payment) ? null : savePayment(tx, after.payment),
    ...attempts.map((attempt) => saveAttempt(tx, attempt)),
    ...refunds.map((refund) => saveRefund(tx, refund, after.payment)),
    ...tasks.map((task) => saveTask(tx, task, after.payment)),
    isDeepStrictEqual(before.order_void, after.order_void) ? null : saveVoid(tx, after),
    after.postings.length === 0 ? null : post(tx, after),
  ])
  if ([...attempts, ...refunds].some(({ next_call_at }) => next_call_at !== null))
    onceCommitted(tx, announceProviderWork)
}

const savePayment = (tx: Transaction, { id, order_id: _, ...row }: Payment) =>
  tx`update payments set ${tx(row)}, updated_at = now() where id = ${id}`

const saveAttempt = (tx: Transaction, { basket, ...row }: Attempt) => {
  const { id: _, payment_id: __, number: ___, created_at: ____, ...changing } = row
  return tx`
    insert into attempts ${tx({ ...row, basket: basket && tx.json({ ...basket }) })}
    on conflict (id) do update set ${tx({ ...changing, basket: basket && tx.json({ ...basket }) })}`
}

const saveRefund = (tx: Transaction, row: Refund, { id: payment_id }: Payment) => {
  const { status, provider_refund_id, key_number, next_call_at, tries, error } = row
  const changing = { status, provider_refund_id, key_number, next_call_at, tries, error }
  return tx`
    insert into refunds ${tx({ ...row, payment_id })}
    on conflict (id) do update set ${tx(changing)}, updated_at = now()`
}

const post = (tx: Transaction, { postings, payment }: Change) => {
  const transaction_id = newId()
  return tx`insert into ledger ${tx(postings.map((posting) => ({ ...posting, transaction_id, payment_id: payment.id })))}`
}

const saveTask = (tx: Transaction, { done_by, done_at, note, ...row }: RefundTask, payment: Payment) =>
  tx`
    insert into refund_tasks ${tx({ ...row, payment_id: payment.id, order_id: payment.order_id })}
    on conflict (id) do update set ${tx({ done_by, done_at, note })}`

const saveVoid = (tx: Transaction, { order_void, payment: { order_id } }: Story) =>
  order_void
    ? tx`
        insert into order_voids ${tx({ order_id, ...order_void })}
        on conflict (order_id) do update set ${tx({ ...order_void })}`
    : tx`delete from order_voids where order_id = ${order_id}`

/** Remembers that an order is over of which there is no payment. Returns false when it was remembered before. */
export async function rememberVoid(tx: Transaction, orderId: string, ifPaid: OrderVoid['if_paid']): Promise<boolean> {
  const { count } = await tx`
    insert into order_voids (order_id, if_paid, answered) values (${orderId}, ${ifPaid}, true) on conflict do nothing`
  return count === 1
}

export async function isVoided(tx: Transaction, orderId: string): Promise<boolean> {
  return (await tx`select from order_voids where order_id = ${orderId}`).length > 0
}
