import type { Transaction } from '@mart/service-kit/postgres'
import type { SigningKey } from './signing-key.ts'

/** A key pair as better-auth keeps it: two JWKs, the private one encrypted. */
export interface KeyPair {
  readonly id: string
  readonly publicKey: string
  readonly privateKey: string
  readonly alg: 'EdDSA'
  readonly crv: 'Ed25519'
}

/** One at a time makes and drops signing keys. Returns them in the order in which they sign, and the time. */
export async function lockSigningKeys(tx: Transaction): Promise<{ keys: SigningKey[]; now: Date }> {
  await tx`select pg_advisory_xact_lock(hashtext('signing key'))`
  const keys = await tx<SigningKey[]>`
    select id, signs_from as "signsFrom", end_asked as "endAsked" from jwks order by signs_from, id`
  // Read behind the lock, so that no key that another replica has just made is still to come.
  const [clock] = await tx<{ now: Date }[]>`select clock_timestamp() as now`
  return { keys: [...keys], now: clock!.now }
}

export async function addSigningKey(tx: Transaction, pair: KeyPair, signsFrom: Date): Promise<void> {
  await tx`insert into jwks ${tx({ ...pair, createdAt: new Date(), signs_from: signsFrom })}`
}

export async function deleteSigningKeys(tx: Transaction, ids: readonly string[]): Promise<void> {
  await tx`delete from jwks where id = any(${ids}::uuid[])`
}
