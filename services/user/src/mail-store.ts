import type { Transaction } from '@mart/service-kit/postgres'
import { type Allowance, type MailCount, mailboxOf } from '@mart/service-kit/unproven-mails'
import type { MailKind } from './mail.ts'

const KEEP = '30 days'

export interface DueMail {
  readonly id: string
  readonly user_id: string
  readonly kind: MailKind
  readonly secret: string | null
  readonly attempts: number
  readonly email: string
  readonly name: string
  readonly language: 'en' | 'ur'
  readonly is_proven: boolean
  /** When it was taken, to the microsecond: whose lease it is. */
  readonly taken_at: string
}

export interface LostMail {
  readonly id: string
  readonly kind: MailKind
  readonly attempts: number
  readonly last_error: string | null
}

/** To an address that is not proven nothing goes but the link that proves it, whatever was asked for. */
export async function addMail(
  tx: Transaction,
  mail: { userId: string; kind: MailKind; secret: string | null; seconds: number; to?: string },
): Promise<void> {
  await tx`
    insert into account_mails (user_id, kind, secret, to_email, expires_at)
    select id, case when may_go then ${mail.kind} else 'verify_email' end, case when may_go then ${mail.secret} end,
      case when may_go then ${mail.to ?? null} end, now() + ${`${mail.seconds} seconds`}::interval
    from "user", lateral (select "emailVerified" or ${mail.kind} = 'change_email' as may_go)
    where id = ${mail.userId} and erased_at is null`
}

/** Whether the owner was told today that he has an account: while his address is not proven, the link that proves it says so. */
export async function wasToldOfAccount(tx: Transaction, userId: string): Promise<boolean> {
  const [found] = await tx`
    select from account_mails mail join "user" person on person.id = mail.user_id
    where user_id = ${userId} and kind = case when person."emailVerified" then 'account_exists' else 'verify_email' end
      and mail.created_at > now() - interval '1 day' limit 1`
  return found !== undefined
}

/** How many such mails were asked for by this account lately, without those whose place another took before they went. */
export async function countMailed(tx: Transaction, userId: string, kind: MailKind): Promise<MailCount> {
  const [count] = await tx<MailCount[]>`
    select count(*)::int as day, count(*) filter (where created_at > now() - interval '1 hour')::int as hour
    from account_mails
    where user_id = ${userId} and kind = ${kind} and created_at > now() - interval '1 day'
      and (given_up_at is null or taken_at is not null)`
  return count!
}

/** Locks the mails that are due, until the transaction ends. One worker at a time, so that the limit holds for all. */
export async function lockDue(tx: Transaction, atMost: number): Promise<DueMail[]> {
  await tx`select pg_advisory_xact_lock(hashtext('take mails'))`
  return await tx<DueMail[]>`
    select mail.id, mail.user_id, mail.kind, mail.secret, mail.attempts, person.name, person.language,
      coalesce(mail.to_email, person.email) as email,
      person."emailVerified" and mail.kind <> 'change_email' as is_proven, now()::text as taken_at
    from account_mails mail join "user" person on person.id = mail.user_id
    where sent_at is null and given_up_at is null and skipped_at is null and next_try_at <= now() and expires_at > now()
      and (sending_until is null or sending_until < now()) and (person."emailVerified" or mail.kind in ('verify_email', 'change_email'))
    order by next_try_at limit ${atMost} for update of mail skip locked`
}

/** What went to these mailboxes lately besides `mails`, while they were not proven. */
export async function countRecent(tx: Transaction, mails: readonly DueMail[]): Promise<(Allowance & MailCount)[]> {
  return await tx<(Allowance & MailCount)[]>`
    select case when kind = 'change_email' then 'newAddress' else 'proof' end as share,
      unproven_mailbox as mailbox, count(*)::int as day,
      count(*) filter (where taken_at > now() - interval '1 hour')::int as hour
    from account_mails
    where unproven_mailbox = any(${mails.map(({ email }) => mailboxOf(email))}::text[])
      and taken_at > now() - interval '1 day' and id <> all(${mails.map(({ id }) => id)}::uuid[])
    group by 1, 2`
}

/** Who has a stranger's new address proven uses up nothing of what the owner of that mailbox needs for his own account. */
export const allowanceOf = ({ kind, email }: DueMail): Allowance => ({
  share: kind === 'change_email' ? 'newAddress' : 'proof',
  mailbox: mailboxOf(email),
})

export async function saveClaimed(tx: Transaction, mails: readonly DueMail[], leaseMs: number): Promise<void> {
  await tx`
    update account_mails mail
    set taken_at = now(), sending_until = now() + ${leaseMs} * interval '1 millisecond', unproven_mailbox = taken.mailbox
    from unnest(
      ${mails.map(({ id }) => id)}::uuid[],
      ${mails.map(({ email, is_proven }) => (is_proven ? null : mailboxOf(email)))}::text[]) as taken(id, mailbox)
    where mail.id = taken.id`
}

export async function saveSkipped(tx: Transaction, mails: readonly DueMail[]): Promise<void> {
  await tx`
    update account_mails set skipped_at = now(), secret = null, last_error = 'unproven_limit'
    where id = any(${mails.map(({ id }) => id)}::uuid[])`
}

export interface MailResult {
  readonly mail: Pick<DueMail, 'id' | 'taken_at'>
  readonly was: 'sent' | 'not_begun' | 'failed'
  readonly error: string | null
  /** Null: never again. */
  readonly retryInMs: number | null
}

/** Ends the leases that are still ours; what the server took is noted in any case. */
export async function saveResults(tx: Transaction, results: readonly MailResult[]): Promise<void> {
  await tx`
    update account_mails mail set sending_until = null,
      attempts = attempts + (was <> 'not_begun')::int,
      sent_at = case when was = 'sent' then now() end,
      given_up_at = case when was = 'failed' and retry_in_ms is null then now() end,
      secret = case when was = 'sent' or (was = 'failed' and retry_in_ms is null) then null else secret end,
      last_error = case when was = 'sent' then null when was = 'failed' then error else last_error end,
      next_try_at = case when retry_in_ms is null then next_try_at else now() + retry_in_ms * interval '1 millisecond' end
    from unnest(
      ${results.map(({ mail }) => mail.id)}::uuid[], ${results.map(({ mail }) => mail.taken_at)}::text[],
      ${results.map(({ was }) => was)}::text[], ${results.map(({ error }) => error)}::text[],
      ${results.map(({ retryInMs }) => retryInMs)}::int[])
      as result(id, taken, was, error, retry_in_ms)
    where mail.id = result.id and sent_at is null and given_up_at is null
      and (was = 'sent' or mail.taken_at = taken::timestamptz)`
}

/** Ends the mails whose link no longer works, and returns them. */
export async function giveUpExpired(tx: Transaction): Promise<LostMail[]> {
  return await tx<LostMail[]>`
    update account_mails set given_up_at = now(), secret = null
    where sent_at is null and given_up_at is null and skipped_at is null and expires_at <= now()
    returning id, kind, attempts, last_error`
}

export async function dropOldMails(tx: Transaction): Promise<void> {
  await tx`delete from account_mails where created_at < now() - ${KEEP}::interval`
}
