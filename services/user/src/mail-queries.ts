import type { AccountMailShape, AccountMailsQuery } from '@mart/contracts/http/user-shapes'
import { cursorFor, pageOf, readCursor } from '@mart/service-kit/pagination'
import type { Queryable } from '@mart/service-kit/postgres'

type Time = 'at' | 'next_attempt_at' | 'sent_at'
type Row = Omit<AccountMailShape, Time> & { at: Date; next_attempt_at: Date | null; sent_at: Date | null }

/** The newest first; of each what became of it, never the secret of its link. */
export async function listMails(
  db: Queryable,
  { user_id: userId, status, limit = 20, cursor }: AccountMailsQuery,
): Promise<{ items: AccountMailShape[]; next_cursor: string | null }> {
  const [before] = readCursor(cursor, ['uuid']) ?? []
  const rows = await db<Row[]>`
    select mail.id, kind, user_id, coalesce(to_email, person.email) as recipient, created_at as at, attempts, sent_at,
      case when sent_at is not null then 'sent' when skipped_at is not null then 'skipped'
        when given_up_at is not null then 'failed' else 'pending' end as status,
      case when skipped_at is not null then last_error when given_up_at >= expires_at then 'expired'
        when given_up_at is not null then last_error end as reason,
      case when skipped_at is null then last_error end as last_error,
      case when sent_at is null and skipped_at is null and given_up_at is null then next_try_at end as next_attempt_at
    from account_mails mail join "user" person on person.id = mail.user_id
    where true
      ${userId === undefined ? db`` : db`and user_id = ${userId}`}
      ${status === undefined ? db`` : ofStatus(db, status)}
      ${before === undefined ? db`` : db`and mail.id < ${before}`}
    order by mail.id desc limit ${limit + 1}`
  return pageOf(rows.map(asMail), limit, ({ id }) => cursorFor(id))
}

const ofStatus = (db: Queryable, status: AccountMailShape['status']) =>
  ({
    pending: db`and sent_at is null and skipped_at is null and given_up_at is null`,
    sent: db`and sent_at is not null`,
    skipped: db`and skipped_at is not null`,
    failed: db`and given_up_at is not null`,
  })[status]

const asMail = ({ at, next_attempt_at, sent_at, ...row }: Row): AccountMailShape => ({
  ...row,
  at: at.toISOString(),
  next_attempt_at: next_attempt_at?.toISOString() ?? null,
  sent_at: sent_at?.toISOString() ?? null,
})

/** For how many seconds the mail that is due longest waits to be sent; 0 when none is due. */
export async function oldestDue(db: Queryable): Promise<number> {
  const [oldest] = await db<{ seconds: number }[]>`
    select extract(epoch from now() - next_try_at)::float8 as seconds
    from account_mails mail join "user" person on person.id = mail.user_id
    where sent_at is null and given_up_at is null and skipped_at is null and next_try_at <= now() and expires_at > now()
      and (person."emailVerified" or mail.kind in ('verify_email', 'change_email'))
    order by next_try_at limit 1`
  return oldest?.seconds ?? 0
}
