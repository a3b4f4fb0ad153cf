import type { Transaction } from '@mart/service-kit/postgres'
import { tooManyTries } from '../password-try.ts'
import { countTry, forgetTries } from '../password-try-store.ts'

/** Before a password is looked at. Throws Refusal 429 while whoever tries it has to wait. */
export async function startTry(tx: Transaction, who: string): Promise<void> {
  const seconds = await countTry(tx, who)
  if (seconds > 0) throw tooManyTries(seconds)
}

/** The password was right, or was not looked at for a fault of ours. */
export const forgetTriesOf = (tx: Transaction, who: string): Promise<void> => forgetTries(tx, who)
