import type { Transaction } from '@mart/service-kit/postgres'
import { holdTree } from '../category-store.ts'
import { claimStale, lockOutdated, renewListings } from '../listing-store.ts'

/** Makes at most `limit` listings anew whose categories changed, or else that an older form made. Returns whether there may be more. */
export async function renewStaleListings(tx: Transaction, limit: number): Promise<boolean> {
  // First, as who changes the tree marks listings after having locked it.
  await holdTree(tx)
  const stale = await claimStale(tx, limit)
  // Never both in one transaction: who holds a product out of turn must not wait for another.
  const due = stale.length > 0 ? stale : await lockOutdated(tx, limit)
  await renewListings(tx, due)
  return due.length === limit
}
