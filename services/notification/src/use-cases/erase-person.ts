import { deleteResponsesOf } from '@mart/service-kit/idempotency'
import type { Transaction } from '@mart/service-kit/postgres'
import { blankAlertsOf, blankMessages } from '../message-store.ts'
import { deleteResponsesAbout, dropAddress, dropPreferences, recentlyErased, rememberErased } from '../person-store.ts'
import { dropAlertsOf } from '../stock-alerts/stock-alert-store.ts'

/** Blanks what names the person, cancels what was not sent yet, and remembers never to write again. */
export async function erasePerson(tx: Transaction, personId: string): Promise<void> {
  await rememberErased(tx, personId)
  // By his proven address, so before that is gone.
  await dropAlertsOf(tx, personId)
  await blankAlertsOf(tx, personId)
  await Promise.all([
    dropPreferences(tx, personId),
    dropAddress(tx, personId),
    deleteResponsesOf(tx, personId),
    deleteResponsesAbout(tx, personId),
    blankMessages(tx, [personId]),
  ])
}

/** The same for what another replica was writing down while its person was being erased: neither saw the other. */
export async function blankLateMessages(tx: Transaction): Promise<void> {
  await blankMessages(tx, await recentlyErased(tx))
}
