import { inBatches } from '@mart/service-kit/batches'
import { stillRunning } from '@mart/service-kit/idempotency'
import { brokenConstraint, type Database } from '@mart/service-kit/postgres'
import type { Holder } from './guests.ts'
import type { OpenOrderLimits } from './open-orders.ts'
import { type NewOrder, type OrderToPlace, placeOrders, withEvent } from './use-cases/place-orders.ts'

export interface OrderWriter {
  /** True when the order was taken; false when something that is already there speaks against it. */
  readonly place: (wanted: NewOrder) => Promise<boolean>
}

const MOST_TRIES = 10
/** What two orders break that want the same slot. */
const slots = ['orders_open', 'guest_slots_pkey']

/** Writes the orders that arrive together in one statement. */
export function createOrderWriter(db: Database, limits: OpenOrderLimits | null): OrderWriter {
  const keysUnderWay = new Set<string>()
  const batched = inBatches<OrderToPlace, boolean>({
    run: async (batch) => {
      const taken = await placeOrders(db, batch, limits)
      return batch.map(({ order }) => taken.has(order.id))
    },
    mostItems: 64,
    mostAtOnce: 2,
    mostWaiting: 5_000,
  })

  /** Another replica took the slot that was free for both: the next look sees its order. */
  const write = async (wanted: OrderToPlace): Promise<boolean> => {
    for (let tries = 1; tries <= MOST_TRIES; tries += 1) {
      try {
        return await batched(wanted)
      } catch (error) {
        if (!slots.includes(brokenConstraint(error) ?? '')) throw error
      }
    }
    return false
  }
  const writeInTurn = limits ? oneAtATime(write, limits.most) : write

  return {
    async place(wanted) {
      const toPlace = withEvent(wanted)
      if (!wanted.idempotency) return await writeInTurn(toPlace)
      const key = `${wanted.idempotency.scope} ${wanted.idempotency.key}`
      if (keysUnderWay.has(key)) throw stillRunning()
      keysUnderWay.add(key)
      return await writeInTurn(toPlace).finally(() => keysUnderWay.delete(key))
    },
  }
}

/** A buyer's orders one after the other, each counted by the next; false for more than could be taken in any case. */
function oneAtATime(write: (wanted: OrderToPlace) => Promise<boolean>, most: number) {
  const lines = new Map<string, { last: Promise<unknown>; waiting: number }>()
  return async (wanted: OrderToPlace): Promise<boolean> => {
    const mine = buyersOf(wanted, most).map(({ holder, most }) => {
      const line = lines.get(holder) ?? { last: Promise.resolve(), waiting: 0 }
      return { holder, line, isFull: line.waiting >= most }
    })
    if (mine.some(({ isFull }) => isFull)) return false
    // Whoever comes takes his place in all of his lines at once, so no two wait for each other.
    const turn = Promise.all(mine.map(({ line }) => line.last)).then(() => write(wanted))
    for (const { holder, line } of mine) {
      lines.set(holder, line)
      line.waiting += 1
      line.last = turn.catch(() => undefined)
    }
    return await turn.finally(() => {
      for (const { holder, line } of mine) {
        line.waiting -= 1
        if (line.waiting === 0) lines.delete(holder)
      }
    })
  }
}

/** An account is one buyer; a guest stands in the line of everything that he is counted by. */
const buyersOf = ({ order: { customer_id }, holders }: OrderToPlace, most: number): readonly Holder[] =>
  customer_id === null ? holders : [{ holder: customer_id, most }]
