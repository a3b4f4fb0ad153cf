import { notFound } from '@mart/service-kit/errors'
import type { Transaction } from '@mart/service-kit/postgres'
import { accountGone } from '../account.ts'
import { lockPerson } from '../account-store.ts'
import { deleteAddress } from '../address-store.ts'

/** Throws Refusal 401 when the person was erased, 404 when the address is not his. */
export async function removeAddress(tx: Transaction, { userId, id }: { userId: string; id: string }): Promise<void> {
  if (!(await lockPerson(tx, userId))) throw accountGone()
  if (!(await deleteAddress(tx, { userId, id }))) throw notFound('address')
}
