import type { Transaction } from '@mart/service-kit/postgres'
import type { DueMessage } from '../message.ts'
import { findRecipients, leaseDue } from '../message-store.ts'

/** Takes messages whose turn it is, for as long as the lease holds; other workers pass over them. */
export async function takeMessages(
  tx: Transaction,
  limits: { atMost: number; leaseMs: number },
): Promise<DueMessage[]> {
  await findRecipients(tx)
  return await leaseDue(tx, limits)
}
