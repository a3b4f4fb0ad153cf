import type { PaymentMethod } from '@mart/contracts/payment-methods'
import { onceCommitted, type Transaction } from '@mart/service-kit/postgres'
import { type Leases, leaseEnd } from './leases.ts'
import { announceProviderWork } from './provider-work.ts'

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
  onceCommitted(tx, announceProviderWork)
}

export interface LookDue {
  readonly attempt_id: string
  readonly transaction_id: string | null
  /** When the lease ends. */
  readonly next_look_at: Date
}

/**
 * Takes the look that is due longest, under a lease. Its payment is locked first, as by everybody who asks for a look;
 * one that is locked is passed over: who holds it wakes us.
 */
export async function leaseLook(tx: Transaction, leases: Leases, now: Date): Promise<LookDue | null> {
  const [found] = await tx<{ attempt_id: string; method: PaymentMethod }[]>`
    select l.attempt_id, a.method from looks l join attempts a on a.id = l.attempt_id join payments p on p.id = a.payment_id
    where l.next_look_at <= ${now} order by l.next_look_at limit 1 for update of p skip locked`
  if (!found) return null
  const [due] = await tx<LookDue[]>`
    update looks set next_look_at = ${leaseEnd(leases, found.method, now)}
    where attempt_id = ${found.attempt_id} and next_look_at <= ${now}
    returning attempt_id, transaction_id, next_look_at`
  return due ?? null
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
