import type { ProfileBody } from '@mart/contracts/http/user-shapes'
import type { Transaction } from '@mart/service-kit/postgres'
import { accountGone } from '../account.ts'
import { lockPerson, saveProfile } from '../account-store.ts'

/** Throws Refusal 401 when the person was erased. */
export async function changeProfile(tx: Transaction, id: string, changes: ProfileBody): Promise<void> {
  if (!(await lockPerson(tx, id))) throw accountGone()
  await saveProfile(tx, id, changes)
}
