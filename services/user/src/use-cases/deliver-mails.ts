import type { Transaction } from '@mart/service-kit/postgres'
import { beyondLimit } from '@mart/service-kit/unproven-mails'
import {
  allowanceOf,
  countRecent,
  type DueMail,
  giveUpExpired,
  type LostMail,
  lockDue,
  type MailResult,
  saveClaimed,
  saveResults,
  saveSkipped,
} from '../mail-store.ts'

/** The mails to send now, nobody else's within `leaseMs`, and those that were given up because their link has expired. */
export async function claimMails(
  tx: Transaction,
  { atMost, leaseMs }: { atMost: number; leaseMs: number },
): Promise<{ mails: DueMail[]; lost: LostMail[]; mayBeMore: boolean }> {
  const lost = await giveUpExpired(tx)
  const due = await lockDue(tx, atMost)
  if (due.length === 0) return { mails: [], lost, mayBeMore: false }
  const unproven = due.filter((mail) => !mail.is_proven)
  const beyond = beyondLimit(unproven, { allowanceOf, before: await countRecent(tx, unproven) })
  const mails = due.filter((mail) => !beyond.has(mail))
  await saveSkipped(tx, [...beyond])
  await saveClaimed(tx, mails, leaseMs)
  return { mails, lost, mayBeMore: due.length === atMost }
}

/** After the sending, which happens outside of any transaction. */
export async function recordMailResults(tx: Transaction, results: readonly MailResult[]): Promise<void> {
  await saveResults(tx, results)
}
