import { type Database, inTransaction } from './postgres.ts'

const NUMBERS_PER_TRANSACTION = 2_000

/**
 * Puts what the relay sent within the last `sinceMs` (by the database's clock) back into the outbox, in its order and
 * under its ids: who has heard it hears nothing new. Returns how many events. A few thousand are put back at a time, so
 * when it fails midway some are; again, it goes on with the rest.
 */
export async function resendSince(db: Database, sinceMs: number): Promise<number> {
  // Pages that were written last are in the index only once somebody has summarised them: each step would read them all.
  await db`
    select brin_summarize_new_values(indexrelid::regclass)
    from pg_index join pg_inherits on inhrelid = indrelid where inhparent = 'outbox_sent'::regclass`
  const [range] = await db<{ first: number | null; last: number | null; since: string; until: string }[]>`
    with span as (select now() - ${sinceMs / 1000} * interval '1 second' as since, now() as until)
    select min(seq) as first, max(seq) as last, since::text, until::text
    from span left join outbox_sent on sent_at between since and until group by since, until`
  if (!range || range.first === null || range.last === null) return 0
  let count = 0
  for (let from = range.first; from <= range.last; from += NUMBERS_PER_TRANSACTION)
    count += await putBack(db, { from, till: from + NUMBERS_PER_TRANSACTION, since: range.since, until: range.until })
  return count
}

interface Span {
  /** Numbers of the outbox, `till` being the first that is not meant. */
  readonly from: number
  readonly till: number
  /** Times at which they were sent. */
  readonly since: string
  readonly until: string
}

/** Under their old numbers, they go out before what waits: the newer events of a key stay behind the older ones. */
async function putBack(db: Database, { from, till, since, until }: Span): Promise<number> {
  const { count } = await inTransaction(db, async (tx) => {
    // Without statistics, which a young table has none of, each step would read the whole table.
    await tx`set local enable_seqscan = off`
    return await tx`
      with again as (
        delete from outbox_sent
        where seq >= ${from} and seq < ${till} and sent_at between ${since}::timestamptz and ${until}::timestamptz
        returning seq, topic, key, value, headers, said_at)
      insert into outbox (seq, topic, key, value, headers, said_at) overriding system value
      select * from again order by seq`
  })
  return count
}

/** Drops what was sent more than an hour ago, an hour's worth at once; safe to call from several processes. */
export async function dropOldSent(db: Database): Promise<void> {
  await db`select drop_old_sent()`
}
