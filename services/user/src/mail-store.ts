import type { Transaction } from '@mart/service-kit/postgres'
import type { MailKind } from './mail.ts'

// Longer than a delivery's own time-outs: a mail that is under way is not taken twice.
const LEASE = '60 seconds'
const KEEP = '30 days'

export interface DueMail {
  readonly id: string
  readonly user_id: string
  readonly kind: MailKind
  readonly secret: string | null
  readonly attempts: number
  readonly email: string
  readonly name: string
}

export interface LostMail {
  readonly id: string
  readonly kind: MailKind
  readonly attempts: number
  readonly last_error: string | null
}

export async function addMail(
  tx: Transaction,
  mail: { userId: string; kind: MailKind; secret: string | null; seconds: number },
): Promise<void> {
  await tx`
    insert into account_mails (user_id, kind, secret, expires_at)
    select id, ${mail.kind}, ${mail.secret}, now() + ${`${mail.seconds} seconds`}::interval
    from "user" where id = ${mail.userId} and erased_at is null`
}

/** Takes up to `atMost` due mails for a minute: nobody else gets them meanwhile. */
export async function leaseMails(tx: Transaction, atMost: number): Promise<DueMail[]> {
  return await tx<DueMail[]>`
    update account_mails mail set attempts = attempts + 1, next_try_at = now() + ${LEASE}::interval
    from "user" person
    where person.id = mail.user_id and mail.id in (
      select id from account_mails
      where sent_at is null and given_up_at is null and next_try_at <= now() and expires_at > now()
      order by next_try_at limit ${atMost} for update skip locked)
    returning mail.id, mail.user_id, mail.kind, mail.secret, mail.attempts, person.email, person.name`
}

export async function saveSent(tx: Transaction, id: string): Promise<void> {
  await tx`update account_mails set sent_at = now(), secret = null, last_error = null where id = ${id}`
}

export async function saveFailure(
  tx: Transaction,
  { id, error, retryInMs }: { id: string; error: string; retryInMs: number },
): Promise<void> {
  await tx`
    update account_mails set last_error = ${error}, next_try_at = now() + ${`${retryInMs} milliseconds`}::interval
    where id = ${id}`
}

/** Ends the mails whose link no longer works, and returns them. */
export async function giveUpExpired(tx: Transaction): Promise<LostMail[]> {
  return await tx<LostMail[]>`
    update account_mails set given_up_at = now(), secret = null
    where sent_at is null and given_up_at is null and expires_at <= now()
    returning id, kind, attempts, last_error`
}

export async function dropOldMails(tx: Transaction): Promise<void> {
  await tx`delete from account_mails where created_at < now() - ${KEEP}::interval`
}
