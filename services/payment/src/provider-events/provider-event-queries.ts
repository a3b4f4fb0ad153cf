import type { ProviderEventShape } from '@mart/contracts/http/provider-event-shapes'
import type { Queryable } from '@mart/service-kit/postgres'

type Row = Omit<ProviderEventShape, 'received_at' | 'replayed_at'> & { received_at: Date; replayed_at: Date | null }

export interface ProviderEventsWanted {
  readonly paymentId: string | undefined
  readonly provider: ProviderEventShape['provider'] | undefined
  readonly outcome: ProviderEventShape['outcome'] | undefined
  readonly beforeId: string | null
  readonly limit: number
}

/** Newest first, from the one before `beforeId`. */
export async function listProviderEvents(db: Queryable, wanted: ProviderEventsWanted): Promise<ProviderEventShape[]> {
  const { paymentId, provider, outcome, beforeId, limit } = wanted
  const rows = await db<Row[]>`
    select ${columns(db)} from provider_events
    where true
      ${paymentId === undefined ? db`` : db`and payment_id = ${paymentId}`}
      ${provider === undefined ? db`` : db`and provider = ${provider}`}
      ${outcome === undefined ? db`` : db`and outcome = ${outcome}`}
      ${beforeId === null ? db`` : db`and id < ${beforeId}`}
    order by id desc limit ${limit}`
  return rows.map(shapeOf)
}

export async function readProviderEvent(db: Queryable, id: string): Promise<ProviderEventShape> {
  const [row] = await db<Row[]>`select ${columns(db)} from provider_events where id = ${id}`
  return shapeOf(row!)
}

const columns = (db: Queryable) =>
  db`id, provider, event_id, type, payment_id, attempt_id, outcome, payload, received_at,
    replayed_by, replayed_at`

const shapeOf = ({ received_at, replayed_at, ...row }: Row): ProviderEventShape => ({
  ...row,
  received_at: received_at.toISOString(),
  replayed_at: replayed_at?.toISOString() ?? null,
})
