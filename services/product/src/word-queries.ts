import type { Database } from '@mart/service-kit/postgres'
import type { Resembling } from './search/spelling.ts'

/** Those of these words that are in some listing. */
export async function knownWords(db: Database, words: readonly string[]): Promise<Set<string>> {
  const rows = await db<{ word: string }[]>`select word from search_words where word = any(${[...words]}::text[])`
  return new Set(rows.map(({ word }) => word))
}

/** The words that may be one slip away from one that is in no listing, and whether some begin with it. */
export async function nearWords(
  db: Database,
  { lexeme, keys }: { lexeme: string; keys: readonly string[] },
): Promise<{ alike: readonly Resembling[]; goesOn: boolean }> {
  const [found] = await db<{ alike: Resembling[]; goesOn: boolean }[]>`
    with alike as (select word, sound from search_words where near && ${[...keys]}::text[] limit 300)
    select coalesce((select json_agg(alike) from alike), '[]') as alike, exists (
      select from search_words
      where word > ${lexeme} collate "C" and word < ${lexeme} || ${'\u{10ffff}'}) as "goesOn"`
  return found!
}

/** The words that may be two slips away from this sound, or end with it. */
export const farWords = (db: Database, sound: string): Promise<Resembling[]> =>
  db<Resembling[]>`
    (select word, sound from search_words where length(${sound}::text) > 5 and sound % ${sound}
     order by sound <-> ${sound} limit 20)
    union
    (select word, sound from search_words where length(${sound}::text) > 3 and sound like ${`%${sound}`} limit 20)`

/** Whether any product of this status, however the listing is narrowed besides, has these words. */
export async function isFound(db: Database, status: string, words: string): Promise<boolean> {
  const [row] = await db<{ found: boolean }[]>`
    select exists (select from listings where status = ${status} and words @@ ${words}::tsquery) as found`
  return row!.found
}

/** How many products are found by each of these tsqueries, counted up to `limit`. */
export async function foundBy(
  db: Database,
  { status, queries, limit }: { status: string; queries: readonly string[]; limit: number },
): Promise<number[]> {
  const rows = await db<{ found: number }[]>`
    select (select count(*)::int from (
      select from listings where status = ${status} and words @@ query limit ${limit}) as counted) as found
    from unnest(${[...queries]}::text[]::tsquery[]) with ordinality as given (query, at) order by at`
  return rows.map(({ found }) => found)
}
