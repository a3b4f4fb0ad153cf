import { onceCommitted, type Transaction } from '@mart/service-kit/postgres'
import { type Leases, leaseEnd } from './leases.ts'
import { announce } from './provider-work.ts'

export interface LookWanted {
  readonly attemptId: string
  readonly at: Date
  /** After this nobody looks any more. */
  readonly until: Date
  readonly transactionId?: string | null
}

/** Asks for a look at the provider's record; an earlier one that is wanted already stays. */
export async function wantLook(tx: Transaction, { attemptId, at, until, transactionId }: LookWanted): Promise<void> {
  await tx`
    insert into looks as l (attempt_id, next_look_at, until, transaction_id)
    values (${attemptId}, ${at}, ${until}, ${transactionId ?? null})
    on conflict (attempt_id) do update set
      next_look_at = least(l.next_look_at, excluded.next_look_at),
      until = greatest(l.until, excluded.until),
      transaction_id = coalesce(excluded.transaction_id, l.transaction_id),
      tries = 0`
  onceCommitted(tx, announce.looks)
}

export interface LookDue {
  readonly attempt_id: string
  readonly transaction_id: string | null
  /** When the lease ends. */
  readonly next_look_at: Date
}

/**
 * Takes the looks that are due longest, under a lease; 'locked' when somebody has all such under way. Their payments are
 * locked first, as by everybody who asks for a look.
 */
export async function leaseLooks(
  tx: Transaction,
  { leases, now, atMost }: { leases: Leases; now: Date; atMost: number },
): Promise<LookDue[] | 'locked'> {
  const found = await tx<{ attempt_id: string }[]>`
    select l.attempt_id from looks l join attempts a on a.id = l.attempt_id join payments p on p.id = a.payment_id
    where l.next_look_at <= ${now} order by l.next_look_at limit ${atMost} for update of p skip locked`
  if (found.length === 0) {
    const isAny = (await tx`select from looks where next_look_at <= ${now} limit 1`).length > 0
    return isAny ? 'locked' : []
  }
  return await tx<LookDue[]>`
    update looks l set next_look_at = case a.method
      when 'stripe' then ${leaseEnd(leases, 'stripe', now)}::timestamptz
      else ${leaseEnd(leases, 'payfast', now)}::timestamptz end
    from attempts a
    where a.id = l.attempt_id and a.id = any(${found.map(({ attempt_id }) => attempt_id)}::uuid[])
      and l.next_look_at <= ${now}
    returning l.attempt_id, l.transaction_id, l.next_look_at`
}

export interface LookDone {
  readonly attemptId: string
  /** The lease that the look ran under: what was asked for meanwhile stays asked for. */
  readonly leaseEnd: Date
  readonly news: string
  readonly isDecided: boolean
  readonly now: Date
}

const FIRST_WAIT_S = 2
const LONGEST_WAIT_S = 30 * 60

export async function finishLook(tx: Transaction, done: LookDone): Promise<void> {
  const { attemptId, leaseEnd, news, isDecided, now } = done
  await tx`
    update looks set
      news = ${news}, looked_at = ${now}, tries = tries + 1,
      next_look_at = case
        when next_look_at is distinct from ${leaseEnd}::timestamptz then next_look_at
        when ${isDecided} or until <= ${now}::timestamptz then null
        else ${now}::timestamptz + make_interval(secs => least(${LONGEST_WAIT_S}, ${FIRST_WAIT_S} * 2 ^ least(tries, 20))) end
    where attempt_id = ${attemptId}`
}
