import type { Role } from '@mart/service-kit/auth'
import { notFound } from '@mart/service-kit/errors'
import type { Transaction } from '@mart/service-kit/postgres'
import { adminsOnly, lastAdmin, notProven } from '../account.ts'
import { hasAdmin, lockPerson, lockRoles, saveRole } from '../account-store.ts'

/**
 * The next token of any session of his carries the new role. Throws Refusal 403 when `by` is no admin any more (a token
 * says so for minutes), 404, and 409 for the last admin or an address that is not proven: whoever owns it might be
 * somebody else.
 */
export async function changeRole(
  tx: Transaction,
  { id, role, by }: { id: string; role: Role; by: string },
): Promise<{ was: string }> {
  await lockRoles(tx)
  const admin = await lockPerson(tx, by)
  if (admin?.role !== 'admin') throw adminsOnly()
  const person = await lockPerson(tx, id)
  if (!person) throw notFound('user')
  if (role !== 'customer' && !person.is_proven) throw notProven()
  if (person.role === 'admin' && role !== 'admin' && !(await hasAdmin(tx, { besides: id }))) throw lastAdmin()
  await saveRole(tx, id, role)
  return { was: person.role }
}
