import type { Transaction } from '@mart/service-kit/postgres'

export interface ProviderEvent {
  readonly provider: 'stripe' | 'payfast'
  readonly id: string
  readonly type: string
  readonly payload: object
}

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

/** Returns false for one that was stored before. */
export async function storeEvent(
  tx: Transaction,
  { provider, id, type, payload }: ProviderEvent,
  { outcome, paymentId, attemptId = null }: Fate,
): Promise<boolean> {
  const { count } = await tx`
    insert into provider_events (provider, event_id, type, payment_id, attempt_id, outcome, payload)
    values (${provider}, ${id}, ${type}, ${paymentId}, ${attemptId}, ${outcome}, ${withoutPeople(payload)}::text::jsonb)
    on conflict do nothing`
  return count === 1
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
    from provider_events where id = ${id} for update`
  return event ?? null
}

export async function setFate(tx: Transaction, id: string, { outcome, paymentId }: Fate): Promise<void> {
  await tx`
    update provider_events set outcome = ${outcome}, payment_id = coalesce(${paymentId}, payment_id) where id = ${id}`
}

/** What waited for the provider's record of this attempt has been seen to. */
export async function endWaiting(tx: Transaction, attemptId: string): Promise<void> {
  await tx`update provider_events set outcome = 'applied' where attempt_id = ${attemptId} and outcome = 'waiting'`
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

const people = new Set(
  `customer_details customer_email receipt_email billing_details shipping shipping_details collected_information
  email name phone address client_secret`.split(/\s+/),
)

/** Who paid stays with the provider: nothing personal is kept that would have to be found and blanked later. */
const withoutPeople = (payload: object): string =>
  JSON.stringify(payload, (key, value: unknown) => {
    if (people.has(key)) return undefined
    return typeof value === 'string' ? value.replaceAll('\0', '').toWellFormed() : value // jsonb takes neither
  })

/** This mart's name in the metadata of a provider whose account others may share. */
export async function readMartId(tx: Transaction): Promise<string> {
  const [mart] = await tx<{ id: string }[]>`select id from mart`
  return mart!.id
}
