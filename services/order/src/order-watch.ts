import { setTimeout as sleep } from 'node:timers/promises'
import type { Database } from '@mart/service-kit/postgres'
import { isOver, type Order } from './order.ts'
import { laterThan } from './order-queries.ts'
import { viewOf } from './order-view.ts'

const POLL_MS = 300

/** An order after one of its moves, written once for all who look on: its owner and staff see the same. */
export interface OrderSnapshot {
  readonly n: number
  readonly isLast: boolean
  /** As a server-sent event. */
  readonly text: string
}

export interface OrderWatch {
  /** Shows the order each time that it has a later history line than `since`. Returns how to end that. */
  readonly watch: (orderId: string, since: number, show: (snapshot: OrderSnapshot) => void) => () => void
}

interface Watcher {
  seen: number
  readonly show: (snapshot: OrderSnapshot) => void
}

interface Watched {
  latest: number
  snapshot: OrderSnapshot | null
  readonly watchers: Set<Watcher>
}

export const snapshotOf = (order: Order): OrderSnapshot => ({
  n: order.history_count,
  isLast: isOver(order),
  text: `id: ${order.history_count}\nevent: order\ndata: ${JSON.stringify(viewOf(order))}\n\n`,
})

/** Looks after all orders that somebody watches with one query per interval, and none while nobody does. */
export function createOrderWatch(db: Database): OrderWatch {
  const orders = new Map<string, Watched>()
  let isPolling = false

  const poll = async () => {
    if (isPolling) return
    isPolling = true
    while (orders.size > 0) {
      await sleep(POLL_MS)
      const known = [...orders].map(([id, { latest }]) => ({ id, n: latest }))
      const moved = await laterThan(db, known).catch(() => []) // the next round asks again
      for (const order of moved) {
        const watched = orders.get(order.id)
        if (watched) tell(watched, snapshotOf(order))
      }
    }
    isPolling = false
  }

  return {
    watch(orderId, since, show) {
      const watcher: Watcher = { seen: since, show }
      const watched = orders.get(orderId) ?? { latest: since, snapshot: null, watchers: new Set<Watcher>() }
      orders.set(orderId, watched)
      watched.watchers.add(watcher)
      if (watched.snapshot) tell(watched, watched.snapshot)
      void poll()
      return () => {
        watched.watchers.delete(watcher)
        if (watched.watchers.size === 0 && orders.get(orderId) === watched) orders.delete(orderId)
      }
    },
  }
}

function tell(watched: Watched, snapshot: OrderSnapshot): void {
  watched.snapshot = snapshot
  watched.latest = Math.max(watched.latest, snapshot.n)
  for (const watcher of watched.watchers) {
    if (snapshot.n <= watcher.seen) continue
    watcher.seen = snapshot.n
    watcher.show(snapshot)
  }
}
