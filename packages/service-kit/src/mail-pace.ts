import type { Transaction } from './postgres.ts'

/** Who finds more than this taken by other replicas comes again later. */
const MOST_AHEAD_MS = 1_000

interface Taken {
  readonly mails: readonly unknown[]
  readonly mayBeMore: boolean
}

/**
 * Takes mails, one replica at a time, and keeps as long as they need at `perSecond` for whoever took them: `aheadMs` is
 * how long those of others need still. Takes none while that is more than a second.
 */
export async function takeInTurn<Some extends Taken>(
  tx: Transaction,
  perSecond: number,
  take: (tx: Transaction) => Promise<Some>,
): Promise<{ mails: Some['mails']; mayBeMore: boolean; aheadMs: number }> {
  const [pace] = await tx<{ ahead_ms: number }[]>`
    select greatest(0, extract(epoch from free_at - clock_timestamp()) * 1000)::float8 as ahead_ms
    from mail_pace for update`
  const aheadMs = pace!.ahead_ms
  if (aheadMs > MOST_AHEAD_MS) return { mails: [], mayBeMore: false, aheadMs }
  const taken = await take(tx)
  const seconds = taken.mails.length / perSecond
  if (seconds > 0)
    await tx`update mail_pace set free_at = greatest(free_at, clock_timestamp()) + make_interval(secs => ${seconds})`
  return { ...taken, aheadMs }
}
