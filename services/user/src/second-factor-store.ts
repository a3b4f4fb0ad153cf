import type { Transaction } from '@mart/service-kit/postgres'

/** Whether this code was not used yet: better-auth takes one for a minute and a half, however often. */
export async function useCode(tx: Transaction, userId: string, code: string): Promise<boolean> {
  const [first] = await tx`
    insert into used_codes as used (user_id, code, used_at) values (${userId}, ${code}, now())
    on conflict (user_id, code) do update set used_at = now() where used.used_at < now() - interval '3 minutes'
    returning code`
  return first !== undefined
}

export async function endSession(tx: Transaction, token: string): Promise<void> {
  await tx`delete from session where token = ${token}`
}

/** Remembers the newest link to a new address; older ones of the person do not work any more. */
export async function saveEmailChange(tx: Transaction, userId: string, tokenHash: string): Promise<void> {
  await tx`
    insert into email_changes (user_id, token_hash) values (${userId}, ${tokenHash})
    on conflict (user_id) do update set token_hash = excluded.token_hash`
}

/** Whether this is the newest link of somebody, and was not used. */
export async function takeEmailChange(tx: Transaction, tokenHash: string): Promise<boolean> {
  const { count } = await tx`delete from email_changes where token_hash = ${tokenHash}`
  return count === 1
}
