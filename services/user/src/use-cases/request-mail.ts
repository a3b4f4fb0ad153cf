import type { Transaction } from '@mart/service-kit/postgres'
import { hashOfLink, keptResetOf } from '../account.ts'
import { forgetOlderResets, forgetReset, lockPerson } from '../account-store.ts'
import { checkNewAddress, linkSeconds, type MailKind, mayReset } from '../mail.ts'
import { addMail, countMailed, wasToldOfAccount } from '../mail-store.ts'
import { saveEmailChange } from '../second-factor-store.ts'

interface Wanted {
  readonly userId: string
  readonly kind: MailKind
  readonly secret: string | null
  readonly to?: string
}

/** Writes down that a link is to be mailed; nothing for a person who was erased, or who has had enough of them. */
export async function requestMail(tx: Transaction, { userId, kind, secret, to }: Wanted): Promise<void> {
  if (kind === 'reset_password' && !(await takePlaceOfOlderReset(tx, userId, secret!))) return
  if (kind === 'account_exists' && (await wasToldOfAccount(tx, userId))) return
  if (kind === 'change_email') {
    await lockPerson(tx, userId)
    checkNewAddress(await countMailed(tx, userId, kind))
    await saveEmailChange(tx, userId, hashOfLink(secret!))
  }
  await addMail(tx, { userId, kind, secret, seconds: linkSeconds[kind], ...(to ? { to } : {}) })
}

/** False when it may not be mailed: then the one that was keeps working. */
async function takePlaceOfOlderReset(tx: Transaction, userId: string, token: string): Promise<boolean> {
  await lockPerson(tx, userId)
  const may = mayReset(await countMailed(tx, userId, 'reset_password'))
  await (may ? forgetOlderResets(tx, userId, keptResetOf(token)) : forgetReset(tx, keptResetOf(token)))
  return may
}
