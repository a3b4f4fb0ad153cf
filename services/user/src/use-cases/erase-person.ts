import { UserErased } from '@mart/contracts/events/user-events'
import { deleteResponsesOf } from '@mart/service-kit/idempotency'
import { addToOutbox } from '@mart/service-kit/outbox'
import type { Transaction } from '@mart/service-kit/postgres'
import { accountGone, lastAdmin } from '../account.ts'
import { erase, hasAdmin, lockPerson, lockRoles } from '../account-store.ts'

/** The account hides at once, its address is free again. Throws Refusal 401 when it is gone, 409 for the last admin. */
export async function erasePerson(tx: Transaction, id: string): Promise<void> {
  await lockRoles(tx)
  const person = await lockPerson(tx, id)
  if (!person) throw accountGone()
  if (person.role === 'admin' && !(await hasAdmin(tx, { besides: id }))) throw lastAdmin()
  const erasedAt = await erase(tx, id)
  await deleteResponsesOf(tx, id)
  await addToOutbox(tx, UserErased, { user_id: id, erased_at: erasedAt.toISOString() })
}
