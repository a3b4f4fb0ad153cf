import type { Transaction } from '@mart/service-kit/postgres'
import { traceparentFor } from '@mart/service-kit/tracing'
import { type Draft, isTooOld } from '../message.ts'
import { addMessages } from '../message-store.ts'

/** Writes down what is to be told, in one statement however many; what was written down before stays as it is. */
export async function queueMessages(tx: Transaction, drafts: readonly Draft[]): Promise<void> {
  const now = new Date()
  await addMessages(
    tx,
    drafts.map((draft) => ({
      ...draft,
      uselessBecause: isTooOld(draft.at, now) ? 'too_old' : null,
      traceparent: traceparentFor(draft.orderId ?? draft.causeId),
    })),
  )
}
