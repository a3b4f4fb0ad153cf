import { newId } from '@mart/service-kit/ids'
import type { Transaction } from '@mart/service-kit/postgres'
import { addAdmin, hasAdmin, isTaken, lockRoles } from '../account-store.ts'
import { hashPassword } from '../password.ts'

/** Makes the admin of a mart that has none. Nobody becomes it by having signed up first with that e-mail address. */
export async function makeFirstAdmin(
  tx: Transaction,
  { email, password }: { email: string; password: string },
): Promise<'made' | 'not_needed' | 'email_taken'> {
  await lockRoles(tx)
  if (await hasAdmin(tx)) return 'not_needed'
  if (await isTaken(tx, email.toLowerCase())) return 'email_taken'
  await addAdmin(tx, { id: newId(), email: email.toLowerCase(), passwordHash: await hashPassword(password) })
  return 'made'
}
