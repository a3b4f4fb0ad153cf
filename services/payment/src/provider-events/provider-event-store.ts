import type { Transaction } from '@mart/service-kit/postgres'
import type { ProviderEvent } from '../provider-news.ts'
import { jsonText } from '../record-store.ts'

/**
 * `waiting`: the provider's own record is to be read first. `differs`: it names another sum than ours, and is not
 * believed. `ignored`: of a kind that means nothing to us.
 */
export type Outcome = 'applied' | 'waiting' | 'differs' | 'ignored' | 'not_ours'

export interface Fate {
  readonly outcome: Outcome
  readonly paymentId: string | null
  readonly attemptId?: string | null
}

export type EventToStore = ProviderEvent & Fate

/** Stores those that were not stored before, and returns which these are, by `keyOf`. */
export async function storeEvents(tx: Transaction, events: readonly EventToStore[]): Promise<Set<string>> {
  if (events.length === 0) return new Set()
  const rows = events.map(({ provider, id, type, payload, outcome, paymentId, attemptId = null }) => ({
    ...{ provider, event_id: id, type, outcome, payment_id: paymentId, attempt_id: attemptId },
    payload: jsonText(payload, people),
  }))
  // In one order for everybody: two batches with the same events would wait for each other.
  const stored = await tx<{ provider: ProviderEvent['provider']; event_id: string }[]>`
    insert into provider_events (provider, event_id, type, payment_id, attempt_id, outcome, payload)
    select provider, event_id, type, payment_id, attempt_id, outcome, payload::jsonb
    from jsonb_to_recordset(${jsonText(rows)}::text::jsonb) as event(
      provider text, event_id text, type text, payment_id uuid, attempt_id uuid, outcome text, payload text)
    order by provider, event_id
    on conflict do nothing
    returning provider, event_id`
  return new Set(stored.map(({ provider, event_id: id }) => keyOf({ provider, id })))
}

export const keyOf = ({ provider, id }: Pick<ProviderEvent, 'provider' | 'id'>): string => `${provider} ${id}`

/** Returns false for one that was stored before. */
export async function storeEvent(tx: Transaction, event: ProviderEvent, fate: Fate): Promise<boolean> {
  return (await storeEvents(tx, [{ ...event, ...fate }])).size === 1
}

export interface StoredEvent {
  readonly provider: ProviderEvent['provider']
  readonly payload: object
  readonly outcome: Outcome
  readonly attempt_id: string | null
  readonly transaction_id: string | null
}

export async function readEventToReplay(tx: Transaction, id: string): Promise<StoredEvent | null> {
  const [event] = await tx<StoredEvent[]>`
    select provider, payload, outcome, attempt_id, payload->>'transaction_id' as transaction_id
    from provider_events where id = ${id}`
  return event ?? null
}

export async function setFate(tx: Transaction, id: string, { outcome, paymentId }: Fate): Promise<void> {
  await tx`
    update provider_events set outcome = ${outcome}, payment_id = coalesce(${paymentId}, payment_id) where id = ${id}`
}

/** One of staff had it done once more. */
export async function setReplayed(tx: Transaction, id: string, by: string): Promise<void> {
  await tx`update provider_events set replayed_by = ${by}, replayed_at = now() where id = ${id}`
}

/** What waited for the provider's record of these attempts has been seen to. */
export async function endWaiting(tx: Transaction, attemptIds: readonly string[]): Promise<void> {
  if (attemptIds.length === 0) return
  await tx`
    update provider_events set outcome = 'applied'
    where attempt_id = any(${[...attemptIds]}::uuid[]) and outcome = 'waiting'`
}

export async function countEvents(tx: Transaction, attemptId: string): Promise<number> {
  const [row] = await tx<{ count: number }[]>`
    select count(*)::int as count from provider_events where attempt_id = ${attemptId}`
  return row!.count
}

const KEPT_DAYS = 90
const DROPPED_AT_ONCE = 10_000

/** Returns whether there may be more of them. */
export async function dropOldEvents(tx: Transaction): Promise<boolean> {
  const { count } = await tx`
    delete from provider_events where ctid = any(array(
      select ctid from provider_events
      where received_at < now() - ${`${KEPT_DAYS} days`}::interval limit ${DROPPED_AT_ONCE}))`
  return count === DROPPED_AT_ONCE
}

/** Who paid stays with the provider: nothing personal is kept that would have to be found and blanked later. */
const people = new Set(
  `customer_details customer_email receipt_email billing_details shipping shipping_details collected_information
  email name phone address client_secret`.split(/\s+/),
)

/** This mart's name in the metadata of a provider whose account others may share. */
export async function readMartId(tx: Transaction): Promise<string> {
  const [mart] = await tx<{ id: string }[]>`select id from mart`
  return mart!.id
}
