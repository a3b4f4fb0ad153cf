import type { MessageKind, MessageStatus, PreferencesShape } from '@mart/contracts/http/notification-shapes'
import type { Transaction } from '@mart/service-kit/postgres'
import { type Draft, type DueMessage, type Outcome, oneLine, unwantedKinds } from './message.ts'

/** Adds what no earlier arrival has added, with the state that it starts in: an erased person gets a blank row. */
export async function addMessages(
  tx: Transaction,
  drafts: readonly (Draft & { readonly uselessBecause: 'too_old' | null })[],
): Promise<void> {
  const line = (text: string | null) => (text === null ? null : oneLine(text))
  await tx`
    insert into messages (
      cause_id, kind, person_id, order_id, order_number, language, recipient, recipient_name, data, status, reason)
    select d.cause_id, d.kind, d.person_id, d.order_id, d.order_number, d.language,
      case when e.person_id is null then d.recipient end,
      case when e.person_id is null then d.recipient_name end,
      case when e.person_id is null then d.data::json end,
      case when e.person_id is not null then 'cancelled'
        when coalesce(d.useless, u.unwanted) is not null then 'skipped' else 'pending' end,
      case when e.person_id is not null then 'person_erased' else coalesce(d.useless, u.unwanted) end
    from unnest(
      ${drafts.map((draft) => draft.causeId)}::uuid[], ${drafts.map((draft) => draft.kind)}::text[],
      ${drafts.map((draft) => draft.personId)}::uuid[], ${drafts.map((draft) => draft.orderId)}::uuid[],
      ${drafts.map((draft) => line(draft.orderNumber))}::text[], ${drafts.map((draft) => draft.language)}::text[],
      ${drafts.map((draft) => line(draft.recipient))}::text[], ${drafts.map((draft) => line(draft.recipientName))}::text[],
      ${drafts.map((draft) => JSON.stringify(draft.data))}::text[], ${drafts.map((draft) => draft.uselessBecause)}::text[])
      as d(cause_id, kind, person_id, order_id, order_number, language, recipient, recipient_name, data, useless)
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

export async function leaseDue(
  tx: Transaction,
  { atMost, leaseMs }: { atMost: number; leaseMs: number },
): Promise<DueMessage[]> {
  return await tx<DueMessage[]>`
    update messages m set sending_until = now() + ${leaseMs} * interval '1 millisecond'
    from (
      select id from messages
      where status = 'pending' and due_at <= now() and (sending_until is null or sending_until < now())
        and not exists (select from erased_people e where e.person_id = messages.person_id)
      order by due_at limit ${atMost} for update skip locked) due
    where m.id = due.id
    returning m.id, kind, order_id, order_number, recipient, recipient_name, language, data, attempts, queued_at`
}

export interface Settled {
  readonly id: string
  readonly kind: MessageKind
  readonly order_id: string | null
  readonly status: MessageStatus
  readonly reason: string | null
}

/** What was settled or cancelled meanwhile stays so, and is not returned. */
export async function saveOutcomes(tx: Transaction, outcomes: readonly Outcome[]): Promise<Settled[]> {
  return await tx<Settled[]>`
    update messages m
    set status = o.status, reason = o.reason, attempts = m.attempts + o.attempted, sending_until = null,
      last_error = case when o.attempted = 0 then m.last_error else o.error end,
      due_at = case when o.delay_ms is null then m.due_at else now() + o.delay_ms * interval '1 millisecond' end,
      sent_at = case when o.status = 'sent' then now() end
    from unnest(
      ${outcomes.map((one) => one.id)}::uuid[], ${outcomes.map((one) => one.status)}::text[],
      ${outcomes.map((one) => one.reason)}::text[], ${outcomes.map((one) => one.error)}::text[],
      ${outcomes.map((one) => one.attempted)}::int[], ${outcomes.map((one) => one.delayMs)}::int[])
      as o(id, status, reason, error, attempted, delay_ms)
    where m.id = o.id and m.status = 'pending'
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

/** Adds a message that says the same and is its own cause. Returns its id. */
export async function copyMessage(tx: Transaction, id: string): Promise<string> {
  const [copy] = await tx<{ id: string }[]>`
    with fresh as materialized (select uuidv7() as id)
    insert into messages (
      id, cause_id, kind, person_id, order_id, order_number, recipient, recipient_name, language, data, status)
    select fresh.id, fresh.id, kind, person_id, order_id, order_number, recipient, recipient_name, language, data, 'pending'
    from messages, fresh where messages.id = ${id}
    returning id`
  return copy!.id
}

export async function blankMessages(tx: Transaction, personIds: readonly string[]): Promise<void> {
  await tx`
    update messages
    set recipient = null, recipient_name = null, data = null, last_error = null,
      reason = case when status = 'pending' then 'person_erased' else reason end,
      status = case when status = 'pending' then 'cancelled' else status end
    where person_id = any(${personIds as string[]}::uuid[]) and data is not null`
}

export async function rememberErased(tx: Transaction, personId: string): Promise<void> {
  await tx`insert into erased_people (person_id) values (${personId}) on conflict do nothing`
}

export async function recentlyErased(tx: Transaction): Promise<string[]> {
  const rows = await tx<{ person_id: string }[]>`
    select person_id from erased_people where erased_at > now() - interval '1 day'`
  return rows.map((row) => row.person_id)
}

export async function dropPreferences(tx: Transaction, personId: string): Promise<void> {
  await tx`delete from preferences where person_id = ${personId}`
}

/** False for a person that was erased. */
export async function putPreferences(tx: Transaction, personId: string, wanted: PreferencesShape): Promise<boolean> {
  const { count } = await tx`
    insert into preferences (person_id, order_updates, marketing)
    select ${personId}::uuid, ${wanted.order_updates}::boolean, ${wanted.marketing}::boolean
    where not exists (select from erased_people where person_id = ${personId})
    on conflict (person_id) do update
    set order_updates = excluded.order_updates, marketing = excluded.marketing, changed_at = now()`
  return count === 1
}
