import { toPublish } from '@mart/contracts/events/define-event'
import { NotificationFailed, NotificationSent } from '@mart/contracts/events/notification-events'
import { addAllToOutbox } from '@mart/service-kit/outbox'
import type { Transaction } from '@mart/service-kit/postgres'
import type { Outcome } from '../message.ts'
import { saveOutcomes } from '../message-store.ts'

/** Records how sending went, for all that were taken together. */
export async function recordOutcomes(tx: Transaction, outcomes: readonly Outcome[]): Promise<void> {
  const settled = await saveOutcomes(tx, outcomes)
  const told = settled.flatMap(({ id, kind, order_id, status, reason }) => {
    const message = { message_id: id, kind, order_id, channel: 'email' }
    if (status === 'sent') return toPublish(NotificationSent, message)
    if (status === 'failed') return toPublish(NotificationFailed, { ...message, reason: reason ?? '' })
    return []
  })
  await addAllToOutbox(tx, told)
}
