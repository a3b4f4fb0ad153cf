import { addSaidToOutbox, say } from '@mart/service-kit/outbox'
import type { Transaction } from '@mart/service-kit/postgres'
import type { Story } from './payment.ts'
import type { Change } from './payment-change.ts'
import { saveStory } from './payment-store.ts'

/** Writes what a change made different and says it to everybody. Returns what staff should read in the log. */
export async function keepChange(tx: Transaction, before: Story, after: Change): Promise<string[]> {
  const said = after.says.map(({ event, data }) => say(event, data))
  await Promise.all([saveStory(tx, before, after), addSaidToOutbox(tx, said)])
  return after.alarms
}
