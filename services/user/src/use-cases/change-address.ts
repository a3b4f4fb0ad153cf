import type { AddressChangeBody, AddressShape } from '@mart/contracts/http/user-shapes'
import { notFound } from '@mart/service-kit/errors'
import type { Transaction } from '@mart/service-kit/postgres'
import { accountGone } from '../account.ts'
import { lockPerson } from '../account-store.ts'
import { addressShape, changedAddress } from '../address.ts'
import { clearDefault, findOwnAddress, saveAddress } from '../address-store.ts'

/** Throws Refusal 401 when the person was erased, 404 when the address is not his. */
export async function changeAddress(
  tx: Transaction,
  { userId, id, changes }: { userId: string; id: string; changes: AddressChangeBody },
): Promise<AddressShape> {
  if (!(await lockPerson(tx, userId))) throw accountGone()
  const before = await findOwnAddress(tx, { userId, id })
  if (!before) throw notFound('address')
  const fields = changedAddress(before, changes)
  if (fields.is_default) await clearDefault(tx, userId)
  await saveAddress(tx, id, fields)
  return addressShape({ id, ...fields })
}
