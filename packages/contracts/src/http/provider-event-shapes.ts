import { type Static, Type } from 'typebox'
import { Time } from '../events/shared-shapes.ts'
import { Nullable, pageQuery } from './shared-shapes.ts'

const Id = Type.String({ format: 'uuid' })
const Provider = Type.Enum(['stripe', 'payfast'])
const Outcome = Type.Enum(['applied', 'waiting', 'differs', 'ignored', 'not_ours'])

/** What a provider told this mart, without who paid. */
export const ProviderEventShape = Type.Object({
  id: Id,
  provider: Provider,
  event_id: Type.String({ description: "the provider's own id where it has one" }),
  type: Type.String({ description: 'the kind of event; for PayFast the code' }),
  payment_id: Nullable(Id),
  attempt_id: Nullable(Id),
  outcome: Outcome,
  payload: Type.Unknown(),
  received_at: Time,
  replayed_by: Nullable(Id),
  replayed_at: Nullable(Time),
})
export type ProviderEventShape = Static<typeof ProviderEventShape>

export const ProviderEventsQuery = Type.Object({
  ...pageQuery,
  payment_id: Type.Optional(Id),
  provider: Type.Optional(Provider),
  outcome: Type.Optional(Outcome),
})
