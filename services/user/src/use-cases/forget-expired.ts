import type { Transaction } from '@mart/service-kit/postgres'
import { forgetExpired } from '../account-store.ts'
import { dropOldMails } from '../mail-store.ts'
import { dropOldTries } from '../password-try-store.ts'

/** Drops what says where people came from and which links they got, once it serves nobody. */
export async function forgetWhatExpired(tx: Transaction): Promise<void> {
  await forgetExpired(tx)
  await dropOldMails(tx)
  await dropOldTries(tx)
}
