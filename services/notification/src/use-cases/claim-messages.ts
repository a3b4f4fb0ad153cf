import type { Transaction } from '@mart/service-kit/postgres'
import { beyondLimit, unprovenLimits } from '@mart/service-kit/unproven-mails'
import type { DueMessage } from '../message.ts'
import { countRecent, findRecipients, lockDue, mailboxFor, saveClaimed, skip } from '../message-store.ts'

/**
 * Takes messages whose turn it is, for as long as the lease holds; other workers pass over them. What would be too many
 * for an address that is not proven is skipped, unless staff asked for it.
 */
export async function claimMessages(
  tx: Transaction,
  { atMost, leaseMs }: { atMost: number; leaseMs: number },
): Promise<{ mails: DueMessage[]; mayBeMore: boolean }> {
  await findRecipients(tx)
  const due = await lockDue(tx, atMost)
  if (due.length === 0) return { mails: [], mayBeMore: false }
  const limited = due.filter((message) => !message.is_proven && !message.by_staff && message.recipient !== null)
  const limit = unprovenLimits.notification
  const beyond = beyondLimit(limited, { mailbox: mailboxFor, before: await countRecent(tx, limited), limit })
  const mails = due.filter((message) => !beyond.has(message))
  await skip(tx, [...beyond], 'unproven_limit')
  await saveClaimed(tx, mails, leaseMs)
  return { mails, mayBeMore: due.length === atMost }
}
