import type { Transaction } from '@mart/service-kit/postgres'
import type { CallKind } from '../payment-tables.ts'
import { type Leases, leaseEnd } from './leases.ts'

export interface ClaimWanted {
  readonly kinds: readonly CallKind[]
  readonly leases: Leases
  readonly atMost: number
  /** One alone. */
  readonly callId?: string
}

export interface Claimed {
  readonly id: string
  readonly payment_id: string
}

/**
 * Claims the calls that are due longest; 'locked' when somebody has all such payments under way. Payments are locked
 * first, as by everybody; a claim is read again once they are.
 */
export async function claimDue(
  tx: Transaction,
  { kinds, leases, atMost, callId }: ClaimWanted,
): Promise<Claimed[] | 'locked'> {
  const now = new Date()
  const isDue = tx`
    c.kind = any(${[...kinds]}::text[]) and c.due_at <= ${now} and (c.claimed_until is null or c.claimed_until <= ${now})
    ${callId === undefined ? tx`` : tx`and c.id = ${callId}`}`
  const claimed = await tx<Claimed[]>`
    update provider_calls c set claimed_until = due.until, due_at = due.until
    from (
      select c.id, case a.method when 'stripe' then ${leaseEnd(leases, 'stripe', now)}::timestamptz
        else ${leaseEnd(leases, 'payfast', now)}::timestamptz end as until
      from provider_calls c join payments p on p.id = c.payment_id join attempts a on a.id = c.attempt_id
      where ${isDue} order by c.due_at limit ${atMost} for update of p skip locked) due
    where c.id = due.id and ${isDue}
    returning c.id, c.payment_id`
  if (claimed.length > 0) return claimed
  return (await tx`select from provider_calls c where ${isDue} limit 1`).length > 0 ? 'locked' : []
}

/** Those that are due longest, claimed by nobody. */
export async function dueCalls(tx: Transaction, kinds: readonly CallKind[], atMost: number): Promise<string[]> {
  const rows = await tx<{ id: string }[]>`
    select id from provider_calls
    where kind = any(${[...kinds]}::text[]) and due_at <= now() and (claimed_until is null or claimed_until <= now())
    order by due_at limit ${atMost}`
  return rows.map(({ id }) => id)
}

const FIRST_WAIT_S = 5
const LONGEST_WAIT_S = 60 * 60

/** By a fault of ours: the others go on, this one is tried again later and later. Returns in how many seconds. */
export async function putAside(tx: Transaction, id: string, error: string): Promise<number | null> {
  const [row] = await tx<{ wait_s: number }[]>`
    update provider_calls set
      claimed_until = null, tries = tries + 1, error = ${error.slice(0, 500)},
      due_at = now() + make_interval(secs => least(${LONGEST_WAIT_S}, ${FIRST_WAIT_S} * 2 ^ least(tries, 20)))
    where id = ${id}
    returning extract(epoch from due_at - now())::int as wait_s`
  return row?.wait_s ?? null
}
