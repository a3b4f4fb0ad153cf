import type { ProfileBody } from '@mart/contracts/http/user-shapes'
import type { Transaction } from '@mart/service-kit/postgres'
import { erasedPerson } from './account.ts'

/** Locks a person who was not erased until the transaction ends; undefined when there is none. */
export async function lockPerson(
  tx: Transaction,
  id: string,
): Promise<{ role: string; is_proven: boolean } | undefined> {
  const [person] = await tx<{ role: string; is_proven: boolean }[]>`
    select role, "emailVerified" as is_proven from "user" where id = ${id} and erased_at is null for update`
  return person
}

/** One at a time changes who is an admin: take it before any other lock. */
export async function lockRoles(tx: Transaction): Promise<void> {
  await tx`select pg_advisory_xact_lock(hashtext('roles'))`
}

/** Whether there is an admin; with `besides`, one other than this. */
export async function hasAdmin(tx: Transaction, { besides }: { besides?: string } = {}): Promise<boolean> {
  const [found] = await tx`
    select from "user" where role = 'admin' and erased_at is null and id is distinct from ${besides ?? null} limit 1`
  return found !== undefined
}

export async function findByEmail(tx: Transaction, email: string): Promise<string | null> {
  const [found] = await tx<{ id: string }[]>`select id from "user" where email = ${email}`
  return found?.id ?? null
}

export async function isTaken(tx: Transaction, email: string): Promise<boolean> {
  const [found] = await tx`select from "user" where email = ${email}`
  return found !== undefined
}

/** As better-auth would after a sign-up, but verified, an admin, and in our transaction. */
export async function addAdmin(
  tx: Transaction,
  { id, email, passwordHash }: { id: string; email: string; passwordHash: string },
): Promise<void> {
  await tx`
    insert into "user" (id, name, email, "emailVerified", role) values (${id}, 'Admin', ${email}, true, 'admin')`
  await tx`
    insert into account (id, "accountId", "providerId", "userId", password, "updatedAt")
    values (${id}, ${id}, 'credential', ${id}, ${passwordHash}, now())`
}

export async function saveRole(tx: Transaction, id: string, role: string): Promise<void> {
  await tx`update "user" set role = ${role}, "updatedAt" = now() where id = ${id}`
}

/** Writes the given fields and leaves the others; a phone of null takes it away. */
export async function saveProfile(tx: Transaction, id: string, { name, phone, language }: ProfileBody): Promise<void> {
  await tx`
    update "user" set
      name = coalesce(${name ?? null}, name), language = coalesce(${language ?? null}, language),
      phone = case when ${phone === undefined} then phone else ${phone ?? null} end, "updatedAt" = now()
    where id = ${id}`
}

/** Of the links that set a new password only this one works from now on. */
export async function forgetOlderResets(tx: Transaction, id: string, identifier: string): Promise<void> {
  await tx`
    delete from verification
    where value = ${id} and starts_with(identifier, 'reset-password:') and identifier <> ${identifier}`
  await tx`
    update account_mails set given_up_at = now(), secret = null
    where user_id = ${id} and kind = 'reset_password' and sent_at is null and given_up_at is null`
}

/** A link that was made and is not mailed. */
export async function forgetReset(tx: Transaction, identifier: string): Promise<void> {
  await tx`delete from verification where identifier = ${identifier}`
}

/** Deletes all that belongs to the person and blanks the row itself. Returns when. */
export async function erase(tx: Transaction, id: string): Promise<Date> {
  const { name, email } = erasedPerson()
  await tx`delete from session where "userId" = ${id}`
  await tx`delete from account where "userId" = ${id}`
  await tx`delete from verification where value = ${id}`
  await tx`delete from "twoFactor" where "userId" = ${id}`
  await tx`delete from used_codes where user_id = ${id}`
  await tx`delete from email_changes where user_id = ${id}`
  await tx`delete from addresses where user_id = ${id}`
  await tx`delete from account_mails where user_id = ${id}`
  const [row] = await tx<{ erased_at: Date }[]>`
    update "user" set
      name = ${name}, email = ${email}, "emailVerified" = false, image = null, phone = null, language = 'en',
      "twoFactorEnabled" = false,
      role = 'customer', "updatedAt" = now(), erased_at = clock_timestamp()
    where id = ${id} returning erased_at`
  await tx`select end_tokens(array[${id}], array[${row!.erased_at}::timestamptz])`
  return row!.erased_at
}

/** Sessions and links that have ended say when and from where somebody came: nobody needs that any more. */
export async function forgetExpired(tx: Transaction): Promise<void> {
  await tx`delete from session where "expiresAt" < now()`
  await tx`delete from verification where "expiresAt" < now()`
  await tx`delete from used_codes where used_at < now() - interval '1 hour'`
  await tx`delete from "rateLimit" where "lastRequest" < extract(epoch from now() - interval '2 minutes') * 1000`
}
