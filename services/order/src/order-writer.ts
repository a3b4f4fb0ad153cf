import { inBatches } from '@mart/service-kit/batches'
import { stillRunning } from '@mart/service-kit/idempotency'
import type { Database } from '@mart/service-kit/postgres'
import { type NewOrder, placeOrders } from './use-cases/place-orders.ts'

export interface OrderWriter {
  /** True when the order was taken; false when something that is already there speaks against it. */
  readonly place: (wanted: NewOrder) => Promise<boolean>
}

/** Writes the orders that arrive together in one statement. */
export function createOrderWriter(db: Database, maxOpenOrders: number | null): OrderWriter {
  const keysUnderWay = new Set<string>()
  const write = inBatches<NewOrder, boolean>({
    run: async (batch) => {
      const taken = await placeOrders(db, batch, maxOpenOrders)
      return batch.map(({ order }) => taken.has(order.id))
    },
    mostItems: 64,
    mostAtOnce: 2,
    mostWaiting: 5_000,
  })

  return {
    async place(wanted) {
      if (!wanted.idempotency) return await write(wanted)
      const key = `${wanted.idempotency.scope} ${wanted.idempotency.key}`
      if (keysUnderWay.has(key)) throw stillRunning()
      keysUnderWay.add(key)
      return await write(wanted).finally(() => keysUnderWay.delete(key))
    },
  }
}
