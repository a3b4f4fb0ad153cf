import type { Transaction } from '@mart/service-kit/postgres'
import { FIRST_WAIT_S, FREE_TRIES, MAX_WAIT_S } from './password-try.ts'

const FORGOTTEN_AFTER = '1 hour'
const MOST_ROWS = 100_000

/** Counts a try before it is made, so that many at once count too. Returns the seconds to wait when it is not free. */
export async function countTry(tx: Transaction, who: string): Promise<number> {
  const [taken] = await tx`
    insert into password_tries as t (who, tries, free_at, last_at) values (${who}, 1, '-infinity', now())
    on conflict (who) do update set last_at = now(),
      tries = case when t.last_at < now() - ${FORGOTTEN_AFTER}::interval then 1 else t.tries + 1 end,
      free_at = case
        when t.tries < ${FREE_TRIES} or t.last_at < now() - ${FORGOTTEN_AFTER}::interval then '-infinity'
        else now() + least(${FIRST_WAIT_S} * 2 ^ least(t.tries - ${FREE_TRIES}, 20), ${MAX_WAIT_S}) * interval '1 second'
      end
    where t.free_at <= now()
    returning who`
  if (taken) return 0
  return Math.max(1, await waitOf(tx, who))
}

/** The seconds until the next try is free, without counting one. */
export async function waitOf(tx: Transaction, who: string): Promise<number> {
  const [row] = await tx<{ seconds: number }[]>`
    select ceil(extract(epoch from free_at - now()))::int as seconds from password_tries
    where who = ${who} and free_at > now()`
  return row?.seconds ?? 0
}

export async function forgetTries(tx: Transaction, who: string): Promise<void> {
  await tx`delete from password_tries where who = ${who}`
}

/** Drops the tries of the last hour but one, and what is more than anybody should have caused. */
export async function dropOldTries(tx: Transaction): Promise<void> {
  await tx`
    delete from password_tries where last_at < greatest(now() - ${FORGOTTEN_AFTER}::interval,
      (select last_at from password_tries order by last_at desc offset ${MOST_ROWS - 1} limit 1))`
}
