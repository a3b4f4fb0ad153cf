import type { Transaction } from '@mart/service-kit/postgres'
import { holdTree } from '../category-store.ts'
import { renewListings, takeStale } from '../listing-store.ts'

/** Makes at most `limit` listings anew whose categories changed. Returns whether there may be more. */
export async function renewStaleListings(tx: Transaction, limit: number): Promise<boolean> {
  // First, as who changes the tree marks listings after having locked it.
  await holdTree(tx)
  const stale = await takeStale(tx, limit)
  await renewListings(tx, stale)
  return stale.length === limit
}
