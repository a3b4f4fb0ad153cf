import type { Transaction } from '@mart/service-kit/postgres'
import { dropOldEvents, type ProviderEvent, storeEvent } from '../provider-event-store.ts'

/** Providers' events are kept for 90 days. Returns whether there may be more to drop. */
export const dropExpiredEvents = (tx: Transaction): Promise<boolean> => dropOldEvents(tx)

/** An event of a kind that means nothing to us: kept, so that staff can see that it came. */
export async function ignoreEvent(tx: Transaction, event: ProviderEvent): Promise<void> {
  await storeEvent(tx, event, { outcome: 'ignored', paymentId: null })
}
