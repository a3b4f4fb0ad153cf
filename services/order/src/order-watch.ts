import { setTimeout as sleep } from 'node:timers/promises'
import type { Database } from '@mart/service-kit/postgres'
import { latestMoves } from './order-queries.ts'

const POLL_MS = 300

export interface OrderWatch {
  /** Calls `changed` whenever the order has a later history line than `since`. Returns how to end that. */
  readonly watch: (orderId: string, since: number, changed: (latest: number) => void) => () => void
}

interface Watcher {
  readonly orderId: string
  seen: number
  readonly changed: (latest: number) => void
}

/** Looks after all orders that somebody watches with one query per interval, and none while nobody does. */
export function createOrderWatch(db: Database): OrderWatch {
  const watchers = new Set<Watcher>()
  let isPolling = false

  const poll = async () => {
    if (isPolling) return
    isPolling = true
    while (watchers.size > 0) {
      await sleep(POLL_MS)
      const ids = [...new Set([...watchers].map((watcher) => watcher.orderId))]
      const latest = await latestMoves(db, ids).catch(() => new Map<string, number>()) // the next round asks again
      for (const watcher of watchers) {
        const n = latest.get(watcher.orderId) ?? 0
        if (n <= watcher.seen) continue
        watcher.seen = n
        watcher.changed(n)
      }
    }
    isPolling = false
  }

  return {
    watch(orderId, since, changed) {
      const watcher = { orderId, seen: since, changed }
      watchers.add(watcher)
      void poll()
      return () => watchers.delete(watcher)
    },
  }
}
