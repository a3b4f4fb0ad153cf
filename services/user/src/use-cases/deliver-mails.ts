import type { Transaction } from '@mart/service-kit/postgres'
import { retryInMs } from '../mail.ts'
import { type DueMail, giveUpExpired, type LostMail, leaseMails, saveFailure, saveSent } from '../mail-store.ts'

/** The mails to send now, ours for a minute, and those that were given up because their link has expired. */
export async function takeMails(tx: Transaction, atMost: number): Promise<{ due: DueMail[]; lost: LostMail[] }> {
  return { lost: await giveUpExpired(tx), due: await leaseMails(tx, atMost) }
}

/** After the sending, which happens outside of any transaction. */
export async function settleMail(
  tx: Transaction,
  { id, attempts }: DueMail,
  outcome: { sent: true } | { sent: false; error: string },
): Promise<void> {
  if (outcome.sent) await saveSent(tx, id)
  else await saveFailure(tx, { id, error: outcome.error, retryInMs: retryInMs(attempts) })
}
