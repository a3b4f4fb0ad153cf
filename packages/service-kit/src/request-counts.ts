import { createHash } from 'node:crypto'
import { LRUCache } from 'lru-cache'
import type { Database } from './postgres.ts'
import type { Work } from './workers.ts'

const MINUTE_MS = 60_000
/** Who asks less often than this in a minute is not worth a row. */
const UNTOLD = 10

interface Count {
  readonly minute: number
  mine: number
  told: number
  others: number
}

export interface RequestCounts {
  /** Counts a request. Returns how many there were in this minute, and when the next one begins. */
  readonly add: (who: string) => { current: number; ttl: number }
  /** Tells the other replicas and hears from them, each second: in between a request costs no query. */
  readonly work: Work
}

/** Counts requests by the minute, at all replicas of a service together. */
export function countRequests(db: Database): RequestCounts {
  const counts = new LRUCache<string, Count>({ max: 20_000 })
  const thisMinute = () => Math.floor(Date.now() / MINUTE_MS)
  let tidied = thisMinute()

  const exchange = async (minute: number) => {
    const news = new Map<string, Count>()
    for (const [who, count] of counts.entries()) {
      if (count.minute !== minute) counts.delete(who)
      else if (count.mine > count.told && count.mine >= UNTOLD) news.set(hashOf(who), count)
    }
    if (news.size === 0) return
    // Two replicas that tell of the same callers in another order would deadlock.
    const sorted = [...news.keys()].sort()
    const told = sorted.map((who) => news.get(who)!.mine)
    const rows = await db<{ who: string; count: number }[]>`
      insert into request_counts as known (who, minute, count)
      select who, ${minute}::int, count from unnest(
        ${sorted}::text[], ${told.map((mine, at) => mine - news.get(sorted[at]!)!.told)}::int[]) news(who, count)
      on conflict (who, minute) do update set count = known.count + excluded.count
      returning who, count`
    for (const [at, who] of sorted.entries()) news.get(who)!.told = told[at]!
    for (const { who, count } of rows) news.get(who)!.others = count - news.get(who)!.told
  }

  return {
    add(who) {
      const minute = thisMinute()
      const known = counts.get(who)
      const count = known?.minute === minute ? known : { minute, mine: 0, told: 0, others: 0 }
      if (count !== known) counts.set(who, count)
      count.mine += 1
      return { current: count.mine + count.others, ttl: (minute + 1) * MINUTE_MS - Date.now() }
    },
    work: {
      name: 'request counts',
      everyMs: 1_000,
      async run() {
        const minute = thisMinute()
        await exchange(minute)
        if (tidied === minute) return
        await db`delete from request_counts where minute < ${minute - 1}`
        tidied = minute
      },
    },
  }
}

/** Addresses and persons are nobody's business in a table. */
const hashOf = (who: string): string => createHash('sha256').update(who).digest('base64url')
