import type { Queryable } from '@mart/service-kit/postgres'
import type { KeyPair } from './signing-key-store.ts'

interface StoredKey extends KeyPair {
  readonly createdAt: Date
  readonly signsFrom: Date
}

/** Every key of the key set in the order in which they sign, and the time. */
export async function findSigningKeys(db: Queryable): Promise<{ keys: StoredKey[]; now: Date }> {
  const rows = await db<(StoredKey & { now: Date })[]>`
    select id, "publicKey", "privateKey", alg, crv, "createdAt", signs_from as "signsFrom", clock_timestamp() as now
    from jwks order by signs_from, id`
  return { keys: rows.map(({ now: _, ...key }) => key), now: rows[0]?.now ?? new Date() }
}

/** For how many seconds the present key has signed. */
export async function findSigningKeyAge(db: Queryable): Promise<number> {
  const [row] = await db<{ age: number | null }[]>`
    select extract(epoch from now() - max(signs_from))::float8 as age from jwks where signs_from <= now()`
  return row?.age ?? Number.NaN
}
