import type { Transaction } from '@mart/service-kit/postgres'
import { blankMessages, dropPreferences, recentlyErased, rememberErased } from '../message-store.ts'

/** Blanks what names the person, cancels what was not sent yet, and remembers never to write again. */
export async function erasePerson(tx: Transaction, personId: string): Promise<void> {
  await Promise.all([rememberErased(tx, personId), dropPreferences(tx, personId), blankMessages(tx, [personId])])
}

/** The same for what another replica was writing down while its person was being erased: neither saw the other. */
export async function blankLateMessages(tx: Transaction): Promise<void> {
  await blankMessages(tx, await recentlyErased(tx))
}
