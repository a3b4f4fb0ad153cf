import { SigningKeyRevoked } from '@mart/contracts/events/user-events'
import { addToOutbox } from '@mart/service-kit/outbox'
import type { Transaction } from '@mart/service-kit/postgres'
import { revokeKeys } from '@mart/service-kit/token-revocation'
import { type KeySteps, type KeyTimes, keySteps } from '../signing-key.ts'
import { addSigningKey, deleteSigningKeys, type KeyPair, lockSigningKeys } from '../signing-key-store.ts'

/**
 * Makes the key that is due, drops what nobody needs any more, and ends what has leaked: it leaves the key set in the
 * moment in which another one signs, and every service is told to refuse it.
 */
export async function renewSigningKeys(
  tx: Transaction,
  { times, makePair }: { times: KeyTimes; makePair: () => Promise<KeyPair> },
): Promise<KeySteps & { readonly madeId: string | null }> {
  const { keys, now } = await lockSigningKeys(tx)
  const steps = keySteps(keys, now, times)
  const { revoked, dropped, made } = steps
  if (revoked.length > 0) {
    await revokeKeys(tx, revoked)
    await addToOutbox(tx, SigningKeyRevoked, ...revoked.map((key_id) => ({ key_id, revoked_at: now.toISOString() })))
  }
  await deleteSigningKeys(tx, [...revoked, ...dropped])
  if (!made) return { ...steps, madeId: null }
  const pair = await makePair()
  await addSigningKey(tx, pair, made.signsFrom)
  return { ...steps, madeId: pair.id }
}

/** So that a service that has just started can sign. */
export async function makeFirstSigningKey(tx: Transaction, makePair: () => Promise<KeyPair>): Promise<void> {
  const { keys, now } = await lockSigningKeys(tx)
  if (keys.length === 0) await addSigningKey(tx, await makePair(), now)
}
