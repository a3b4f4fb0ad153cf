import type { PreferencesShape } from '@mart/contracts/http/notification-shapes'
import type { Transaction } from '@mart/service-kit/postgres'
import type { ToldAddress } from './message.ts'

/**
 * Keeps the proven address of each of these people, none of an erased one. Returns who had never proven one before.
 * What is not proven ends what was proven before of that person.
 */
export async function putAddresses(tx: Transaction, told: readonly ToldAddress[]): Promise<Set<string>> {
  const proven = told.filter((one) => one.isProven)
  await tx`
    update proven_addresses set address = null
    where person_id = any(${told.filter((one) => !one.isProven).map(({ personId }) => personId)}::uuid[])`
  const rows = await tx<{ person_id: string; is_new: boolean }[]>`
    insert into proven_addresses as known (person_id, address)
    select t.person_id, lower(t.address)
    from unnest(
      ${proven.map(({ personId }) => personId)}::uuid[], ${proven.map(({ address }) => address)}::text[])
      as t(person_id, address)
    where not exists (select from erased_people e where e.person_id = t.person_id)
    order by t.person_id
    on conflict (person_id) do update set address = excluded.address
    returning person_id, xmax = 0 as is_new`
  return new Set(rows.flatMap((row) => (row.is_new ? row.person_id : [])))
}

export async function rememberErased(tx: Transaction, personId: string): Promise<void> {
  await tx`insert into erased_people (person_id) values (${personId}) on conflict do nothing`
}

export async function recentlyErased(tx: Transaction): Promise<string[]> {
  const rows = await tx<{ person_id: string }[]>`
    select person_id from erased_people where erased_at > now() - interval '1 day'`
  return rows.map((row) => row.person_id)
}

/** Forgets what staff were answered about messages of this person: it repeats them. */
export async function deleteResponsesAbout(tx: Transaction, personId: string): Promise<void> {
  await tx`
    delete from idempotency_keys k using messages m
    where m.person_id = ${personId} and split_part(k.scope, ' ', 3) = '/messages/' || m.id || '/resend'`
}

export async function dropAddress(tx: Transaction, personId: string): Promise<void> {
  await tx`delete from proven_addresses where person_id = ${personId}`
}

export async function dropPreferences(tx: Transaction, personId: string): Promise<void> {
  await tx`delete from preferences where person_id = ${personId}`
}

/** False for a person that was erased. */
export async function putPreferences(tx: Transaction, personId: string, wanted: PreferencesShape): Promise<boolean> {
  const { count } = await tx`
    insert into preferences (person_id, order_updates, marketing)
    select ${personId}::uuid, ${wanted.order_updates}::boolean, ${wanted.marketing}::boolean
    where not exists (select from erased_people where person_id = ${personId})
    on conflict (person_id) do update
    set order_updates = excluded.order_updates, marketing = excluded.marketing, changed_at = now()`
  return count === 1
}
