import type { Transaction } from '@mart/service-kit/postgres'
import { hashOfLink } from '../account.ts'
import { endSession, takeEmailChange, useCode } from '../second-factor-store.ts'

/** A code of an app opens one session: the one that a repeated code has opened is ended. Returns whether it may stay. */
export async function useCodeOnce(
  tx: Transaction,
  { userId, code, session }: { userId: string; code: string; session: string | null },
): Promise<boolean> {
  if (await useCode(tx, userId, code)) return true
  if (session) await endSession(tx, session)
  return false
}

/** Whether a link to a new e-mail address may be followed: the newest one, once. */
export const followEmailChange = (tx: Transaction, token: string): Promise<boolean> =>
  takeEmailChange(tx, hashOfLink(token))
