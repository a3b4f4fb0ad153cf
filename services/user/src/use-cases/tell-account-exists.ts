import type { Transaction } from '@mart/service-kit/postgres'
import { findByEmail } from '../account-store.ts'
import { linkSeconds } from '../mail.ts'
import { addMail, wasToldOfAccount } from '../mail-store.ts'
import { tooManyTries } from '../password-try.ts'
import { countTry, waitOf } from '../password-try-store.ts'

/** Before a sign-up. Throws Refusal 429 for one whose sign-ups have met too many accounts. */
export async function mayAskWhoExists(tx: Transaction, who: string): Promise<void> {
  const seconds = await waitOf(tx, who)
  if (seconds > 0) throw tooManyTries(seconds)
}

/** Somebody signed up with the address of an account: its owner hears of it, once a day, and it counts as a try. */
export async function tellAccountExists(tx: Transaction, who: string, email: string): Promise<void> {
  await countTry(tx, who)
  const userId = await findByEmail(tx, email.trim().toLowerCase())
  if (!userId || (await wasToldOfAccount(tx, userId))) return
  await addMail(tx, { userId, kind: 'account_exists', secret: null, seconds: linkSeconds.account_exists })
}
