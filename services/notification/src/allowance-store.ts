import type { Transaction } from '@mart/service-kit/postgres'
import { type Allowance, type MailCount, mailboxOf } from '@mart/service-kit/unproven-mails'
import type { DueMessage } from './message.ts'

/** What went to these mailboxes lately besides `messages`, while they were not proven. */
export async function countRecent(
  tx: Transaction,
  messages: readonly DueMessage[],
): Promise<(Allowance & MailCount)[]> {
  if (messages.length === 0) return []
  return await tx<(Allowance & MailCount)[]>`
    select case when kind = 'back_in_stock' then 'stockAlerts' else 'orders' end as share,
      unproven_mailbox as mailbox, count(*)::int as day,
      count(*) filter (where taken_at > now() - interval '1 hour')::int as hour
    from messages
    where unproven_mailbox = any(${messages.map(mailboxFor)}::text[])
      and taken_at > now() - interval '1 day' and id <> all(${messages.map(({ id }) => id)}::uuid[])
    group by 1, 2`
}

export const allowanceOf = (message: DueMessage): Allowance => ({
  share: message.kind === 'back_in_stock' ? 'stockAlerts' : 'orders',
  mailbox: mailboxFor(message),
})

export const mailboxFor = ({ recipient }: Pick<DueMessage, 'recipient'>): string => mailboxOf(recipient ?? '')
