import { isDeepStrictEqual } from 'node:util'
import { newId } from '@mart/service-kit/ids'
import { addSaidToOutbox, say } from '@mart/service-kit/outbox'
import { onceCommitted, type Transaction } from '@mart/service-kit/postgres'
import { jsonText } from './json-text.ts'
import type { Attempt, Payment, PaymentRecord, Refund, RefundTask } from './payment-record.ts'
import { announce } from './provider-calls/provider-work.ts'
import type { Change, Changed } from './record-change.ts'

/** Writes what a change made different and says it to everybody. Returns what staff should read in the log. */
export async function keepChange(tx: Transaction, before: PaymentRecord | null, after: Change): Promise<string[]> {
  await keepChanges(tx, [{ before, after }])
  return after.alarms
}

/** The same for several, also of one payment: each begins where the one before it ended. */
export async function keepChanges(tx: Transaction, changes: readonly Changed[]): Promise<void> {
  const said = changes.flatMap(({ after }) => after.says.map(({ event, data }) => say(event, data)))
  await Promise.all([saveChanges(tx, changes), addSaidToOutbox(tx, said)])
}

type Of<Row> = Row & { readonly payment_id: string }

/** Writes what the changes made different, and what they moved to the ledger; of one payment there may be several, in order. */
export async function saveChanges(tx: Transaction, changes: readonly Changed[]): Promise<void> {
  const payments = changes.flatMap(({ before, after }) => differing(before ? [before.payment] : [], [after.payment]))
  const attempts = changes.flatMap(({ before, after }) => differing(before?.attempts ?? [], after.attempts))
  const refunds = changes.flatMap(({ before, after }) =>
    differing(before?.refunds ?? [], after.refunds).map((row) => ({ ...row, payment_id: after.payment.id })),
  )
  const tasks = changes.flatMap(({ before, after: { tasks, payment } }) =>
    differing(before?.tasks ?? [], tasks).map((row) => ({
      ...row,
      payment_id: payment.id,
      order_id: payment.order_id,
    })),
  )
  const voids = changes.filter(({ before, after }) => !isDeepStrictEqual(before?.order_void ?? null, after.order_void))
  await Promise.all([
    savePayments(tx, newestOf(payments)),
    saveAttempts(tx, newestOf(attempts)),
    saveRefunds(tx, newestOf(refunds)),
    saveTasks(tx, newestOf(tasks)),
    ...voids.map(({ after }) => saveVoid(tx, after)),
    post(tx, changes),
  ])
  if (attempts.some(isDue)) onceCommitted(tx, announce.attempts)
  if (refunds.some(isDue)) onceCommitted(tx, announce.refunds)
}

const isDue = ({ next_call_at }: { next_call_at: Date | null }) => next_call_at !== null && next_call_at <= new Date()

function differing<Row extends { id: string }>(before: readonly Row[], after: readonly Row[]): Row[] {
  return after.filter((row) => {
    const old = before.find(({ id }) => id === row.id)
    return !isDeepStrictEqual(old, row)
  })
}

/** One statement can't write a row twice. */
const newestOf = <Row extends { id: string }>(rows: readonly Row[]): Row[] => [
  ...new Map(rows.map((row) => [row.id, row])).values(),
]

async function savePayments(tx: Transaction, rows: readonly Payment[]): Promise<void> {
  if (rows.length === 0) return
  await tx`
    insert into payments (id, order_id, customer_id, method, status, amount, currency, refunded, collected, disputed,
      dispute_status, disputed_amount, carrier, delivered_at, handed_in_at, handed_in_by, attempt, due_at)
    select id, order_id, customer_id, method, status, amount, currency, refunded, collected, disputed,
      dispute_status, disputed_amount, carrier, delivered_at, handed_in_at, handed_in_by, attempt, due_at
    from jsonb_populate_recordset(null::payments, ${jsonText(rows)}::text::jsonb)
    on conflict (id) do update set
      method = excluded.method, status = excluded.status, refunded = excluded.refunded, collected = excluded.collected,
      disputed = excluded.disputed, dispute_status = excluded.dispute_status, disputed_amount = excluded.disputed_amount,
      carrier = excluded.carrier, delivered_at = excluded.delivered_at, handed_in_at = excluded.handed_in_at,
      handed_in_by = excluded.handed_in_by,
      attempt = excluded.attempt, due_at = excluded.due_at, updated_at = now()`
}

async function saveAttempts(tx: Transaction, rows: readonly Attempt[]): Promise<void> {
  if (rows.length === 0) return
  await tx`
    insert into attempts (id, payment_id, number, method, status, key_number, session_id, provider_payment_id, url,
      go_token, next_call_at, tries, error, expires_at, basket, refunded_there, fee, fee_currency,
      created_at)
    select id, payment_id, number, method, status, key_number, session_id, provider_payment_id, url,
      go_token, next_call_at, tries, error, expires_at, basket, refunded_there, fee, fee_currency,
      created_at
    from jsonb_populate_recordset(null::attempts, ${jsonText(rows)}::text::jsonb)
    on conflict (id) do update set
      status = excluded.status, key_number = excluded.key_number, session_id = excluded.session_id,
      provider_payment_id = excluded.provider_payment_id, url = excluded.url, next_call_at = excluded.next_call_at,
      tries = excluded.tries, error = excluded.error, expires_at = excluded.expires_at, basket = excluded.basket,
      refunded_there = excluded.refunded_there, fee = excluded.fee, fee_currency = excluded.fee_currency`
}

async function saveRefunds(tx: Transaction, rows: readonly Of<Refund>[]): Promise<void> {
  if (rows.length === 0) return
  await tx`
    insert into refunds (id, payment_id, attempt_id, method, provider_payment_id, provider_refund_id, status, amount,
      currency, is_extra, reason, public_reason, asked_by, key_number, next_call_at, tries, error, created_at)
    select id, payment_id, attempt_id, method, provider_payment_id, provider_refund_id, status, amount,
      currency, is_extra, reason, public_reason, asked_by, key_number, next_call_at, tries, error, created_at
    from jsonb_populate_recordset(null::refunds, ${jsonText(rows)}::text::jsonb)
    on conflict (id) do update set
      status = excluded.status, provider_refund_id = excluded.provider_refund_id, key_number = excluded.key_number,
      next_call_at = excluded.next_call_at, tries = excluded.tries, error = excluded.error, updated_at = now()`
}

async function saveTasks(tx: Transaction, rows: readonly Of<RefundTask>[]): Promise<void> {
  if (rows.length === 0) return
  await tx`
    insert into refund_tasks (id, payment_id, order_id, kind, refund_id, attempt_id, method, provider_payment_id, amount,
      currency, reason, asked_by, done_by, done_at, note)
    select id, payment_id, order_id, kind, refund_id, attempt_id, method, provider_payment_id, amount,
      currency, reason, asked_by, done_by, done_at, note
    from jsonb_populate_recordset(null::refund_tasks, ${jsonText(rows)}::text::jsonb)
    on conflict (id) do update set done_by = excluded.done_by, done_at = excluded.done_at, note = excluded.note`
}

async function saveVoid(tx: Transaction, { order_void, payment: { order_id } }: PaymentRecord): Promise<void> {
  if (order_void)
    await tx`
      insert into order_voids ${tx({ order_id, ...order_void })}
      on conflict (order_id) do update set ${tx({ ...order_void })}`
  else await tx`delete from order_voids where order_id = ${order_id}`
}

async function post(tx: Transaction, changes: readonly Changed[]): Promise<void> {
  const rows = changes.flatMap(({ after: { postings, payment } }) => {
    const transaction_id = newId()
    return postings.map((posting) => ({ ...posting, transaction_id, payment_id: payment.id }))
  })
  if (rows.length === 0) return
  await tx`
    insert into ledger (transaction_id, payment_id, refund_id, account, currency, amount)
    select transaction_id, payment_id, refund_id, account, currency, amount
    from jsonb_populate_recordset(null::ledger, ${jsonText(rows)}::text::jsonb)`
}
