import type { AddressBody, AddressShape } from '@mart/contracts/http/user-shapes'
import { newId } from '@mart/service-kit/ids'
import type { Transaction } from '@mart/service-kit/postgres'
import { accountGone } from '../account.ts'
import { lockPerson } from '../account-store.ts'
import { addressShape, MOST_ADDRESSES, newAddress, tooManyAddresses } from '../address.ts'
import { addAddress, clearDefault, countAddresses } from '../address-store.ts'

/** Throws Refusal 401 when the person was erased, 409 when the book is full. */
export async function addAddressTo(tx: Transaction, userId: string, body: AddressBody): Promise<AddressShape> {
  if (!(await lockPerson(tx, userId))) throw accountGone()
  const count = await countAddresses(tx, userId)
  if (count >= MOST_ADDRESSES) throw tooManyAddresses()
  const fields = newAddress(body, { isFirst: count === 0 })
  if (fields.is_default) await clearDefault(tx, userId)
  const id = newId()
  await addAddress(tx, { id, userId, fields })
  return addressShape({ id, ...fields })
}
