import { isDeepStrictEqual } from 'node:util'
import { newId } from '@mart/service-kit/ids'
import { addToLog } from '@mart/service-kit/logger'
import { addAllToOutbox } from '@mart/service-kit/outbox'
import { onceCommitted, pipelined, type Transaction } from '@mart/service-kit/postgres'
import { recordChanges } from './instruments.ts'
import type { PaymentRecord } from './payment-record.ts'
import {
  attemptColumns,
  type Call,
  type Columns,
  callColumns,
  paymentColumns,
  refundColumns,
  taskColumns,
} from './payment-tables.ts'
import { announce } from './provider-calls/provider-work.ts'
import type { Change, Changed, Moment } from './record-change.ts'
import { jsonText, listed, lockRecord, type Whose } from './record-store.ts'

/** Finds a record, lets `act` change it and keeps what came of it; null where there is no such record. */
export async function changeRecord(
  tx: Transaction,
  whose: Whose,
  act: (record: PaymentRecord, moment: Moment) => Change,
): Promise<Change | null> {
  const before = await lockRecord(tx, whose)
  if (!before) return null
  addToLog({ order_id: before.payment.order_id, payment_id: before.payment.id })
  const after = act(before, { now: new Date(), newId })
  await saveChanges(tx, [{ before, after }])
  return after
}

/**
 * Writes what the changes made different and what they moved to the ledger, and says it to everybody. Of one payment there
 * may be several, each beginning where the one before it ended.
 */
export async function saveChanges(tx: Transaction, changes: readonly Changed[]): Promise<void> {
  const { wanted, dropped } = callsOf(changes)
  const voids = changes.filter(({ before, after }) => !isDeepStrictEqual(before?.order_void ?? null, after.order_void))
  const toPublish = changes.flatMap(({ after }) => after.events)
  await pipelined<unknown[]>(
    () => dropCalls(tx, dropped),
    ...tables.map((table) => () => save(tx, table, differing(changes, table.rowsOf))),
    () => save(tx, callTable, wanted),
    ...voids.map(
      ({ after }) =>
        () =>
          saveVoid(tx, after),
    ),
    () => post(tx, changes),
    () => addAllToOutbox(tx, toPublish),
  )
  onceCommitted(tx, (db) =>
    recordChanges(
      db,
      changes.map(({ after }) => after),
    ),
  )
  const now = new Date()
  for (const { kind, due_at } of wanted) if (due_at <= now) onceCommitted(tx, announce[kind])
}

interface Table {
  readonly name: string
  readonly columns: Columns
  readonly rowsOf: (record: PaymentRecord) => readonly Row[]
  readonly hasUpdatedAt?: true
}
type Row = { readonly id: string }

/** In the order of their references. */
const tables: readonly Table[] = [
  { name: 'payments', columns: paymentColumns, rowsOf: ({ payment }) => [payment], hasUpdatedAt: true },
  { name: 'attempts', columns: attemptColumns, rowsOf: ({ attempts }) => attempts },
  { name: 'refunds', columns: refundColumns, rowsOf: ({ refunds }) => refunds, hasUpdatedAt: true },
  { name: 'refund_tasks', columns: taskColumns, rowsOf: ({ tasks }) => tasks },
]
const callTable: Table = { name: 'provider_calls', columns: callColumns, rowsOf: ({ calls }) => calls }

/** Of one payment the last change says which calls are wanted. */
function callsOf(changes: readonly Changed[]): { wanted: Call[]; dropped: string[] } {
  const last = new Map(changes.map(({ after }) => [after.payment.id, after]))
  const stay = new Set([...last.values()].flatMap(({ calls }) => calls.map(({ id }) => id)))
  return {
    wanted: differing(changes, ({ calls }) => calls).filter(({ id }) => stay.has(id)),
    dropped: changes.flatMap(({ before }) => before?.calls ?? []).flatMap(({ id }) => (stay.has(id) ? [] : id)),
  }
}

async function dropCalls(tx: Transaction, ids: readonly string[]): Promise<void> {
  if (ids.length > 0) await tx`delete from provider_calls where id = any(${[...ids]}::uuid[])`
}

/** The rows that the changes made or changed, each as it is in the end: one statement can't write a row twice. */
function differing<One extends Row>(
  changes: readonly Changed[],
  rowsOf: (record: PaymentRecord) => readonly One[],
): One[] {
  const rows = changes.flatMap(({ before, after }) => {
    const old = new Map((before ? rowsOf(before) : []).map((row) => [row.id, row]))
    return rowsOf(after).filter((row) => !isDeepStrictEqual(old.get(row.id), row))
  })
  return [...new Map(rows.map((row) => [row.id, row])).values()]
}

async function save(tx: Transaction, { name, columns, hasUpdatedAt }: Table, rows: readonly Row[]): Promise<void> {
  if (rows.length === 0) return
  const set = Object.entries(columns).flatMap(([column, { changes }]) =>
    changes ? `${column} = excluded.${column}` : [],
  )
  if (hasUpdatedAt) set.push('updated_at = now()')
  await tx`
    insert into ${tx(name)} (${listed(tx, columns)})
    select ${listed(tx, columns)} from jsonb_populate_recordset(null::${tx(name)}, ${jsonText(rows)}::text::jsonb)
    on conflict (id) do update set ${tx.unsafe(set.join(', '))}`
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
