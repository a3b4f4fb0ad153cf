import type { Transaction } from '@mart/service-kit/postgres'
import { linkSeconds, type MailKind } from '../mail.ts'
import { addMail } from '../mail-store.ts'

/** Writes down that a link is to be mailed; nothing for a person who was erased. */
export async function requestMail(
  tx: Transaction,
  { userId, kind, secret }: { userId: string; kind: MailKind; secret: string | null },
): Promise<void> {
  await addMail(tx, { userId, kind, secret, seconds: linkSeconds[kind] })
}
