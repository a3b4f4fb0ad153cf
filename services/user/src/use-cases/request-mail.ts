import type { Transaction } from '@mart/service-kit/postgres'
import { forgetOlderResets } from '../account-store.ts'
import { linkSeconds, type MailKind } from '../mail.ts'
import { addMail, wasMailedToday } from '../mail-store.ts'

/** Writes down that a link is to be mailed; nothing for a person who was erased. */
export async function requestMail(
  tx: Transaction,
  { userId, kind, secret }: { userId: string; kind: MailKind; secret: string | null },
): Promise<void> {
  if (kind === 'reset_password') await forgetOlderResets(tx, userId)
  if (kind === 'account_exists' && (await wasMailedToday(tx, userId, kind))) return
  await addMail(tx, { userId, kind, secret, seconds: linkSeconds[kind] })
}
