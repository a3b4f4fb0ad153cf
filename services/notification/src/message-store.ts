import type { MessageKind, MessageStatus } from '@mart/contracts/http/notification-shapes'
import { oneLine } from '@mart/service-kit/mail-text'
import type { Fragment, Transaction } from '@mart/service-kit/postgres'
import { mailboxFor } from './allowance-store.ts'
import { type Draft, type DueMessage, type Outcome, staffKinds, unwantedKinds } from './message.ts'

/** Adds what no earlier arrival has added, with the state that it starts in: an erased person gets a blank row. */
export async function addMessages(
  tx: Transaction,
  drafts: readonly (Draft & { readonly uselessBecause: 'too_old' | null; readonly traceparent: string })[],
): Promise<void> {
  const line = (text: string | null) => (text === null ? null : oneLine(text))
  await tx`
    insert into messages (
      cause_id, kind, person_id, order_id, order_number, language, recipient, recipient_name, data, status, reason,
      traceparent)
    select d.cause_id, d.kind, d.person_id, d.order_id, d.order_number, d.language,
      case when e.person_id is null then d.recipient end,
      case when e.person_id is null then d.recipient_name end,
      case when e.person_id is null then d.data::json end,
      case when e.person_id is not null then 'cancelled'
        when coalesce(d.useless, u.unwanted) is not null then 'skipped' else 'pending' end,
      case when e.person_id is not null then 'person_erased' else coalesce(d.useless, u.unwanted) end,
      d.traceparent
    from unnest(
      ${drafts.map((draft) => draft.causeId)}::uuid[], ${drafts.map((draft) => draft.kind)}::text[],
      ${drafts.map((draft) => draft.personId)}::uuid[], ${drafts.map((draft) => draft.orderId)}::uuid[],
      ${drafts.map((draft) => line(draft.orderNumber))}::text[], ${drafts.map((draft) => draft.language)}::text[],
      ${drafts.map((draft) => line(draft.recipient))}::text[], ${drafts.map((draft) => line(draft.recipientName))}::text[],
      ${drafts.map((draft) => JSON.stringify(draft.data))}::text[], ${drafts.map((draft) => draft.uselessBecause)}::text[],
      ${drafts.map((draft) => draft.traceparent)}::text[])
      as d(
        cause_id, kind, person_id, order_id, order_number, language, recipient, recipient_name, data, useless, traceparent)
    left join erased_people e on e.person_id = d.person_id
    left join preferences p on p.person_id = d.person_id
    cross join lateral (
      select case when not p.order_updates and d.kind = any(${unwantedKinds as MessageKind[]}::text[])
        then 'not_wanted' end as unwanted) u
    on conflict (cause_id, kind) do nothing`
}

/** Gives messages that know only their order the recipient of the order's first message, once that was heard of. */
export async function findRecipients(tx: Transaction): Promise<void> {
  await tx`
    update messages m
    set recipient = o.recipient, recipient_name = o.recipient_name, person_id = o.person_id, language = o.language,
      order_number = o.order_number, due_at = now(),
      status = case when o.recipient is null then 'cancelled' else m.status end,
      reason = case when o.recipient is null then 'person_erased' end
    from messages o
    where m.status = 'pending' and m.recipient is null and o.order_id = m.order_id and o.kind = 'order_received'`
}

/**
 * Locks the messages that are due, until the transaction ends: first all others, then what is back in stock, of which a
 * delivery of goods may make thousands. One worker at a time, so that the limit holds for all.
 */
export async function lockDue(tx: Transaction, atMost: number): Promise<DueMessage[]> {
  await tx`select pg_advisory_xact_lock(hashtext('take messages'))`
  const first = await lockDueOf(tx, tx`kind <> 'back_in_stock'`, atMost)
  if (first.length === atMost) return first
  return [...first, ...(await lockDueOf(tx, tx`kind = 'back_in_stock'`, atMost - first.length))]
}

async function lockDueOf(tx: Transaction, kinds: Fragment, atMost: number): Promise<DueMessage[]> {
  return await tx<DueMessage[]>`
    select id, kind, person_id, order_id, order_number, recipient, recipient_name, language, data, attempts, queued_at, by_staff,
      traceparent,
      kind = any(${staffKinds as MessageKind[]}::text[]) or coalesce((
        select p.address = lower(m.recipient) from proven_addresses p where p.person_id = m.person_id), false) as is_proven,
      now()::text as taken_at
    from messages m
    where status = 'pending' and due_at <= now() and (sending_until is null or sending_until < now()) and ${kinds}
      -- As joins of tables the planner would read these and all that wait, for the fifty that are taken.
      and (select true from erased_people e where e.person_id = m.person_id) is null
    order by due_at limit ${atMost} for update skip locked`
}

export async function saveClaimed(tx: Transaction, messages: readonly DueMessage[], leaseMs: number): Promise<void> {
  await tx`
    update messages m
    set taken_at = now(), sending_until = now() + ${leaseMs} * interval '1 millisecond', unproven_mailbox = taken.mailbox
    from unnest(
      ${messages.map(({ id }) => id)}::uuid[],
      ${messages.map((one) => (one.is_proven || !one.recipient ? null : mailboxFor(one)))}::text[]) as taken(id, mailbox)
    where m.id = taken.id`
}

export async function skip(tx: Transaction, messages: readonly DueMessage[], reason: string): Promise<void> {
  await tx`
    update messages set status = 'skipped', reason = ${reason} where id = any(${messages.map(({ id }) => id)}::uuid[])`
}

export interface Settled {
  readonly id: string
  readonly kind: MessageKind
  readonly order_id: string | null
  readonly status: MessageStatus
  readonly reason: string | null
}

/**
 * Ends the leases that are still ours; what the server took is noted in any case. What was settled or cancelled meanwhile
 * stays so, and is not returned.
 */
export async function saveOutcomes(tx: Transaction, outcomes: readonly Outcome[]): Promise<Settled[]> {
  return await tx<Settled[]>`
    update messages m
    set status = o.status, reason = o.reason, attempts = m.attempts + o.attempted, sending_until = null,
      last_error = case when o.attempted = 0 then m.last_error else o.error end,
      due_at = case when o.delay_ms is null then m.due_at else now() + o.delay_ms * interval '1 millisecond' end,
      sent_at = case when o.status = 'sent' then now() end
    from unnest(
      ${outcomes.map(({ message }) => message.id)}::uuid[], ${outcomes.map(({ message }) => message.taken_at)}::text[],
      ${outcomes.map((one) => one.status)}::text[],
      ${outcomes.map((one) => one.reason)}::text[], ${outcomes.map((one) => one.error)}::text[],
      ${outcomes.map((one) => one.attempted)}::int[], ${outcomes.map((one) => one.delayMs)}::int[])
      as o(id, taken, status, reason, error, attempted, delay_ms)
    where m.id = o.id and m.status = 'pending' and (o.status = 'sent' or m.taken_at = o.taken::timestamptz)
    returning m.id, m.kind, m.order_id, m.status, m.reason`
}

export async function lockMessage(
  tx: Transaction,
  id: string,
): Promise<{ status: MessageStatus; is_blank: boolean } | null> {
  const [row] = await tx<{ status: MessageStatus; is_blank: boolean }[]>`
    select status, data is null as is_blank from messages where id = ${id} for update`
  return row ?? null
}

/** Adds a message that says the same, asked for by staff and its own cause. Returns its id. */
export async function copyMessage(tx: Transaction, id: string, traceparent: string): Promise<string> {
  const [copy] = await tx<{ id: string }[]>`
    with fresh as materialized (select uuidv7() as id)
    insert into messages (
      id, cause_id, kind, person_id, order_id, order_number, recipient, recipient_name, language, data, status, by_staff,
      traceparent)
    select fresh.id, fresh.id, kind, person_id, order_id, order_number, recipient, recipient_name, language, data,
      'pending', true, ${traceparent}
    from messages, fresh where messages.id = ${id}
    returning id`
  return copy!.id
}

export async function blankMessages(tx: Transaction, personIds: readonly string[]): Promise<void> {
  await tx`
    update messages set ${blanked(tx)} where person_id = any(${personIds as string[]}::uuid[]) and data is not null`
}

/** The same for what a guest was written about his order. */
export async function blankMessagesAbout(tx: Transaction, orderId: string): Promise<void> {
  await tx`update messages set ${blanked(tx)} where ${toGuest(tx, orderId)} and data is not null`
}

/** And for what was written, so long ago, to who had asked for a SKU. */
export async function blankOldAlerts(tx: Transaction, days: number): Promise<void> {
  await tx`
    update messages set ${blanked(tx)}
    where kind = 'back_in_stock' and recipient is not null and queued_at < now() - ${days} * interval '1 day'`
}

/** And for what anybody has asked for to be written to the address that this person has proven to be his. */
export async function blankAlertsOf(tx: Transaction, personId: string): Promise<void> {
  await tx`
    update messages m set ${blanked(tx)}
    from proven_addresses p
    where p.person_id = ${personId} and m.kind = 'back_in_stock' and m.recipient is not null
      and lower(m.recipient) = p.address`
}

/** What a guest was written is this person's now. */
export async function giveMessages(tx: Transaction, orderId: string, personId: string): Promise<void> {
  await tx`update messages set person_id = ${personId} where ${toGuest(tx, orderId)}`
}

const toGuest = (tx: Transaction, orderId: string) =>
  tx`order_id = ${orderId} and person_id is null and kind <> all(${staffKinds as MessageKind[]}::text[])`

const blanked = (tx: Transaction) => tx`
  recipient = null, recipient_name = null, data = null, last_error = null, unproven_mailbox = null,
  reason = case when status = 'pending' then 'person_erased' else reason end,
  status = case when status = 'pending' then 'cancelled' else status end`
