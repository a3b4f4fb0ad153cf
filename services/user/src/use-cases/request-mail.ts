import type { Transaction } from '@mart/service-kit/postgres'
import { hashOfLink } from '../account.ts'
import { forgetOlderResets } from '../account-store.ts'
import { linkSeconds, type MailKind } from '../mail.ts'
import { addMail, wasMailedToday } from '../mail-store.ts'
import { saveEmailChange } from '../second-factor-store.ts'

/** Writes down that a link is to be mailed; nothing for a person who was erased. */
export async function requestMail(
  tx: Transaction,
  { userId, kind, secret, to }: { userId: string; kind: MailKind; secret: string | null; to?: string },
): Promise<void> {
  if (kind === 'reset_password') await forgetOlderResets(tx, userId)
  if (kind === 'account_exists' && (await wasMailedToday(tx, userId, kind))) return
  if (kind === 'change_email') await saveEmailChange(tx, userId, hashOfLink(secret!))
  await addMail(tx, { userId, kind, secret, seconds: linkSeconds[kind], ...(to ? { to } : {}) })
}
