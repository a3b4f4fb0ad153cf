import type { Database } from '@mart/service-kit/postgres'

/** Asks the user service for another key; with `isLeaked` for those there are to be revoked. Returns their ids. */
export async function askForSigningKey(user: Database, isLeaked: boolean): Promise<string[]> {
  const asked = await user<{ id: string }[]>`select id from ask_for_signing_key(${isLeaked}) as id`
  return asked.map(({ id }) => id)
}

/** The keys of the key set, the one that signs last first. */
export const signingKeys = (user: Database) =>
  user<{ id: string; signs_from: Date }[]>`select id, signs_from from jwks order by signs_from desc`

/** Whether the service of this database refuses the tokens of all these keys. */
export async function refusesAll(db: Database, keys: readonly string[]): Promise<boolean> {
  return (await db`select from refused_keys where key_id = any(${[...keys]}::text[])`).length === keys.length
}
