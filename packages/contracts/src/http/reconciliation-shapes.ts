import { type Static, Type } from 'typebox'
import { Time } from '../events/shared-shapes.ts'
import { PaymentMethod } from '../payment-methods.ts'
import { Nullable } from './shared-shapes.ts'

const Id = Type.String({ format: 'uuid' })

/** What came out when a provider's records were laid beside ours; what agrees is not listed. */
export const ReconciliationShape = Type.Object({
  id: Id,
  asked_by: Nullable(Id),
  asked_at: Time,
  finished_at: Nullable(Time),
  looked_at: Type.Integer({ description: 'how many attempts were compared' }),
  events_read: Type.Integer({ description: 'how many events of a provider’s own list were compared' }),
  findings: Type.Array(
    Type.Object({
      attempt_id: Nullable(Id), // null, with the next two: of no attempt that is here
      payment_id: Nullable(Id),
      order_id: Nullable(Id),
      method: PaymentMethod,
      kind: Type.Enum(['mended', 'missing_here', 'differs', 'unconfirmed', 'undecided', 'not_compared']),
      detail: Type.String(),
    }),
  ),
})
export type ReconciliationShape = Static<typeof ReconciliationShape>
