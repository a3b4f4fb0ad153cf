import type { MessageKind, MessageStatus, PreferencesShape } from '@mart/contracts/http/notification-shapes'
import type { Queryable } from '@mart/service-kit/postgres'
import type { MessageData } from './message.ts'

export interface MessageRow {
  readonly id: string
  readonly kind: MessageKind
  readonly person_id: string | null
  readonly order_id: string | null
  readonly order_number: string | null
  readonly recipient: string | null
  readonly recipient_name: string | null
  readonly language: string
  readonly data: MessageData[MessageKind] | null
  readonly status: MessageStatus
  readonly reason: string | null
  readonly attempts: number
  readonly last_error: string | null
  readonly queued_at: Date
  readonly due_at: Date
  readonly sent_at: Date | null
  readonly is_proven: boolean
}

interface Place {
  /** Newest first, from the one before this. */
  readonly beforeId: string | null
  readonly limit: number
}

export async function listMessages(
  db: Queryable,
  { orderId, status, beforeId, limit }: Place & { orderId: string | undefined; status: MessageStatus | undefined },
): Promise<MessageRow[]> {
  return await db<MessageRow[]>`
    select ${columns(db)} from messages
    where true
      ${orderId === undefined ? db`` : db`and order_id = ${orderId}`}
      ${status === undefined ? db`` : ofStatus(db, status)}
      ${beforeId === null ? db`` : db`and id < ${beforeId}`}
    order by id desc limit ${limit}`
}

// The status as a part of the text: only so a partial index of it serves.
const ofStatus = (db: Queryable, status: MessageStatus) =>
  ({
    pending: db`and status = 'pending'`,
    sent: db`and status = 'sent'`,
    failed: db`and status = 'failed'`,
    skipped: db`and status = 'skipped'`,
    cancelled: db`and status = 'cancelled'`,
  })[status]

export async function listMessagesOf(
  db: Queryable,
  personId: string,
  { beforeId, limit }: Place,
): Promise<MessageRow[]> {
  return await db<MessageRow[]>`
    select ${columns(db)} from messages
    where person_id = ${personId} ${beforeId === null ? db`` : db`and id < ${beforeId}`}
    order by id desc limit ${limit}`
}

export async function findMessage(db: Queryable, id: string): Promise<MessageRow | null> {
  const [row] = await db<MessageRow[]>`select ${columns(db)} from messages where id = ${id}`
  return row ?? null
}

const columns = (db: Queryable) => db`
  id, kind, person_id, order_id, order_number, recipient, recipient_name, language, data, status, reason, attempts,
  last_error, queued_at, due_at, sent_at, ${isProven(db)} as is_proven`

/** As it was when the mail was last begun; what was never begun is shown as it would read to nobody in particular. */
const isProven = (db: Queryable) =>
  db`unproven_mailbox is null and (taken_at is not null or status in ('sent', 'failed'))`

/** Who never chose gets news of orders, and no advertising. */
export async function findPreferences(db: Queryable, personId: string): Promise<PreferencesShape> {
  const [row] = await db<PreferencesShape[]>`
    select order_updates, marketing from preferences where person_id = ${personId}`
  return row ?? { order_updates: true, marketing: false }
}

/** For how many seconds the message that is due longest waits to be sent; 0 when none is due. */
export async function oldestDue(db: Queryable): Promise<number> {
  const [row] = await db<{ seconds: number }[]>`
    select coalesce(extract(epoch from now() - min(due_at)), 0)::float8 as seconds
    from messages where status = 'pending' and due_at <= now()`
  return row!.seconds
}
