import { deleteResponsesOf } from '@mart/service-kit/idempotency'
import { newId } from '@mart/service-kit/ids'
import type { Transaction } from '@mart/service-kit/postgres'
import { forgetCustomer } from '../payment-moves.ts'
import { lockRecordsOfCustomer, rememberErased } from '../record-store.ts'
import { saveChanges } from '../record-writer.ts'

/** The books stay, the person goes, and is kept out. */
export async function erasePerson(tx: Transaction, userId: string, erasedAt: string): Promise<void> {
  await rememberErased(tx, userId, erasedAt)
  const records = await lockRecordsOfCustomer(tx, userId)
  const moment = { now: new Date(), newId }
  await saveChanges(
    tx,
    records.map((before) => ({ before, after: forgetCustomer(before, moment) })),
  )
  await deleteResponsesOf(tx, userId)
}
