import { type Fragment, pipelined, type Transaction } from '@mart/service-kit/postgres'
import type { Day } from './cash/shop-day.ts'
import type { OrderVoid, PaymentRecord } from './payment-record.ts'
import {
  type Attempt,
  attemptColumns,
  type Call,
  type Columns,
  callColumns,
  type Payment,
  paymentColumns,
  type Refund,
  type RefundTask,
  refundColumns,
  taskColumns,
} from './payment-tables.ts'

/** By what a record can be found. */
export type Whose =
  | { readonly orderId: string }
  | { readonly paymentId: string }
  | { readonly attemptId: string }
  | { readonly refundId: string }
  | { readonly taskId: string }

/** Locks the payment and reads all that belongs to it; null when there is none. Every change of any of it starts here. */
export async function lockRecord(tx: Transaction, whose: Whose): Promise<PaymentRecord | null> {
  const [record] = await lockRecords(tx, tx`id in (${idOf(tx, whose)})`)
  return record ?? null
}

function idOf(tx: Transaction, whose: Whose) {
  if ('orderId' in whose) return tx`select id from payments where order_id = ${whose.orderId}`
  if ('paymentId' in whose) return tx`select ${whose.paymentId}::uuid`
  if ('attemptId' in whose) return tx`select payment_id from attempts where id = ${whose.attemptId}`
  if ('taskId' in whose) return tx`select payment_id from refund_tasks where id = ${whose.taskId}`
  return tx`select payment_id from refunds where id = ${whose.refundId}`
}

export async function lockRecordsOfCash(
  tx: Transaction,
  { carrier, currency, day }: { carrier: string | null; currency: string; day: Day },
): Promise<PaymentRecord[]> {
  return await lockRecords(
    tx,
    tx`collected is not null and carrier is not distinct from ${carrier} and currency = ${currency}
      and delivered_at >= ${day.from} and delivered_at < ${day.to}`,
  )
}

export async function lockRecordsOfOrders(tx: Transaction, orderIds: readonly string[]): Promise<PaymentRecord[]> {
  return await lockRecords(tx, tx`order_id = any(${[...orderIds]}::uuid[])`)
}

export async function lockRecordsOfPayments(tx: Transaction, ids: readonly string[]): Promise<PaymentRecord[]> {
  return await lockRecords(tx, tx`id = any(${[...ids]}::uuid[])`)
}

export async function lockRecordsOfCustomer(tx: Transaction, customerId: string): Promise<PaymentRecord[]> {
  return await lockRecords(tx, tx`customer_id = ${customerId}`)
}

export interface Named {
  readonly attemptId: string | null
  readonly charge: string | null
}

/** The same for whatever providers name: the records of these attempts, and of these charges where no attempt is named. */
export async function lockNamedRecords(tx: Transaction, named: readonly Named[]): Promise<PaymentRecord[]> {
  const attemptIds = named.flatMap(({ attemptId }) => attemptId ?? [])
  const charges = named.flatMap(({ attemptId, charge }) => (attemptId === null && charge !== null ? [charge] : []))
  return await lockRecords(
    tx,
    tx`id in (
      select payment_id from attempts where id = any(${attemptIds}::uuid[])
      union all select payment_id from attempts where provider_payment_id = any(${charges}::text[])
      union all select payment_id from refunds where provider_payment_id = any(${charges}::text[]))`,
  )
}

async function lockRecords(tx: Transaction, are: Fragment): Promise<PaymentRecord[]> {
  const theirs = tx`payment_id in (select id from payments where ${are})`
  // Each reads after the locks were granted: what was read with them might be older.
  const [payments, attempts, voids, refunds, tasks, calls] = await pipelined(
    () => tx<Payment[]>`select ${listed(tx, paymentColumns)} from payments where ${are} order by id for update`,
    () => tx<Attempt[]>`select ${listed(tx, attemptColumns)} from attempts where ${theirs} order by number`,
    () => tx<(OrderVoid & { order_id: string })[]>`
      select order_id, if_paid, answered from order_voids where order_id in (select order_id from payments where ${are})`,
    () => tx<Refund[]>`select ${listed(tx, refundColumns)} from refunds where ${theirs} order by id`,
    () => tx<RefundTask[]>`select ${listed(tx, taskColumns)} from refund_tasks where ${theirs} order by id`,
    () => tx<Call[]>`select ${listed(tx, callColumns)} from provider_calls where ${theirs} order by id`,
  )
  return payments.map((payment) => {
    const isOurs = (row: { payment_id: string }) => row.payment_id === payment.id
    const order_void = voids.find(({ order_id }) => order_id === payment.order_id)
    return {
      payment,
      attempts: attempts.filter(isOurs),
      order_void: order_void ? { if_paid: order_void.if_paid, answered: order_void.answered } : null,
      refunds: refunds.filter(isOurs),
      tasks: tasks.filter(isOurs),
      calls: calls.filter(isOurs),
    }
  })
}

/** The names of columns, as a statement lists them. */
export const listed = (tx: Transaction, columns: Columns): Fragment => tx.unsafe(Object.keys(columns).join(', '))

/** Remembers that an order is over of which there is no payment. Returns false when it was remembered before. */
export async function rememberVoid(tx: Transaction, orderId: string, ifPaid: OrderVoid['if_paid']): Promise<boolean> {
  const { count } = await tx`
    insert into order_voids (order_id, if_paid, answered) values (${orderId}, ${ifPaid}, true) on conflict do nothing`
  return count === 1
}

/** Which of these orders are over. */
export async function voidedOf(tx: Transaction, orderIds: readonly string[]): Promise<Map<string, OrderVoid>> {
  const rows = await tx<(OrderVoid & { order_id: string })[]>`
    select order_id, if_paid, answered from order_voids where order_id = any(${[...orderIds]}::uuid[])`
  return new Map(rows.map(({ order_id, ...order_void }) => [order_id, order_void]))
}

/** Who of these was erased. Nobody of them is while this transaction lasts; an erasure under way is waited for. */
export async function erasedOf(tx: Transaction, userIds: readonly string[]): Promise<Set<string>> {
  const [, rows] = await pipelined(
    () => tx`select pg_advisory_xact_lock_shared(hashtextextended(id, 0)) from unnest(${[...userIds]}::text[]) id`,
    () => tx<{ user_id: string }[]>`select user_id from erased_people where user_id = any(${[...userIds]}::uuid[])`,
  )
  return new Set(rows.map(({ user_id }) => user_id))
}

/** Waits for whoever is writing down a payment of theirs, so that it is found. */
export async function rememberErased(tx: Transaction, userId: string, erasedAt: string): Promise<void> {
  await tx`select pg_advisory_xact_lock(hashtextextended(${userId}::text, 0))`
  await tx`insert into erased_people (user_id, erased_at) values (${userId}, ${erasedAt}) on conflict do nothing`
}

/** JSON that jsonb takes: it refuses NUL and half a character, which texts from outside may hold. */
export const jsonText = (value: unknown, leftOut?: ReadonlySet<string>): string =>
  JSON.stringify(value, (key, one: unknown) => {
    if (leftOut?.has(key)) return undefined
    return typeof one === 'string' ? one.replaceAll('\0', '').toWellFormed() : one
  })
