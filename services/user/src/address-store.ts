import type { Transaction } from '@mart/service-kit/postgres'
import type { AddressFields, AddressRow } from './address.ts'

export async function countAddresses(tx: Transaction, userId: string): Promise<number> {
  const [row] = await tx<{ count: number }[]>`select count(*) from addresses where user_id = ${userId}`
  return row!.count
}

export async function findOwnAddress(
  tx: Transaction,
  { userId, id }: { userId: string; id: string },
): Promise<AddressRow | undefined> {
  const [row] = await tx<AddressRow[]>`
    select id, label, name, line1, line2, city, region, postal_code, country, phone, is_default
    from addresses where id = ${id} and user_id = ${userId}`
  return row
}

export async function addAddress(
  tx: Transaction,
  { id, userId, fields }: { id: string; userId: string; fields: AddressFields },
): Promise<void> {
  await tx`insert into addresses ${tx({ id, user_id: userId, ...fields })}`
}

export async function saveAddress(tx: Transaction, id: string, fields: AddressFields): Promise<void> {
  await tx`update addresses set ${tx({ ...fields })} where id = ${id}`
}

export async function clearDefault(tx: Transaction, userId: string): Promise<void> {
  await tx`update addresses set is_default = false where user_id = ${userId} and is_default`
}

/** Whether there was one to delete. */
export async function deleteAddress(tx: Transaction, { userId, id }: { userId: string; id: string }): Promise<boolean> {
  const { count } = await tx`delete from addresses where id = ${id} and user_id = ${userId}`
  return count === 1
}
