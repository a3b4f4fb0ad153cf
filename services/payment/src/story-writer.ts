import { addSaidToOutbox, say } from '@mart/service-kit/outbox'
import type { Transaction } from '@mart/service-kit/postgres'
import { saveChanges } from './change-store.ts'
import type { Story } from './payment.ts'
import type { Change, Changed } from './payment-change.ts'

/** Writes what a change made different and says it to everybody. Returns what staff should read in the log. */
export async function keepChange(tx: Transaction, before: Story | null, after: Change): Promise<string[]> {
  await keepChanges(tx, [{ before, after }])
  return after.alarms
}

/** The same for several, also of one payment: each begins where the one before it ended. */
export async function keepChanges(tx: Transaction, changes: readonly Changed[]): Promise<void> {
  const said = changes.flatMap(({ after }) => after.says.map(({ event, data }) => say(event, data)))
  await Promise.all([saveChanges(tx, changes), addSaidToOutbox(tx, said)])
}
