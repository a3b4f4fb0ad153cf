import type { Transaction } from '@mart/service-kit/postgres'
import { wantLook } from '../look-store.ts'

const FIRST_LOOK_MS = 60_000
const LOOKS_GO_ON_MS = 24 * 60 * 60_000

/** The buyer is about to open a page at a provider that may tell us nothing: its record is looked at until it is known. */
export async function expectNews(tx: Transaction, attemptId: string): Promise<void> {
  const now = Date.now()
  await wantLook(tx, { attemptId, at: new Date(now + FIRST_LOOK_MS), until: new Date(now + LOOKS_GO_ON_MS) })
}
