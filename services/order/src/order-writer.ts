import { Refusal } from '@mart/service-kit/errors'
import { stillRunning } from '@mart/service-kit/idempotency'
import { type Database, isPassingFault } from '@mart/service-kit/postgres'
import { type NewOrder, placeOrders } from './use-cases/place-orders.ts'

const MAX_ORDERS_PER_BATCH = 64
const MAX_BATCHES_IN_FLIGHT = 2
const MAX_WAITING = 5_000

interface Waiting {
  readonly wanted: NewOrder
  readonly resolve: (isTaken: boolean) => void
  readonly reject: (error: unknown) => void
}

export interface OrderWriter {
  /** True when the order was taken; false when something that is already there speaks against it. */
  readonly place: (wanted: NewOrder) => Promise<boolean>
}

/**
 * Writes orders in batches that adapt by themselves: a lone order goes at once, what arrives while two batches are
 * under way makes the next one. No timer waits for company.
 */
export function createOrderWriter(db: Database, maxOpenOrders: number | null): OrderWriter {
  const waiting: Waiting[] = []
  const keysUnderWay = new Set<string>()
  let batchesInFlight = 0

  const flush = () => {
    while (waiting.length > 0 && batchesInFlight < MAX_BATCHES_IN_FLIGHT) {
      batchesInFlight += 1
      write(db, waiting.splice(0, MAX_ORDERS_PER_BATCH), maxOpenOrders).finally(() => {
        batchesInFlight -= 1
        flush()
      })
    }
  }
  const enqueue = (wanted: NewOrder) =>
    new Promise<boolean>((resolve, reject) => {
      waiting.push({ wanted, resolve, reject })
      flush()
    })

  return {
    async place(wanted) {
      if (waiting.length >= MAX_WAITING) {
        throw new Refusal(503, 'busy', 'Too many orders at once: try again.', { headers: { 'retry-after': '1' } })
      }
      if (!wanted.idempotency) return await enqueue(wanted)
      const key = `${wanted.idempotency.scope} ${wanted.idempotency.key}`
      if (keysUnderWay.has(key)) throw stillRunning()
      keysUnderWay.add(key)
      return await enqueue(wanted).finally(() => keysUnderWay.delete(key))
    },
  }
}

async function write(db: Database, batch: readonly Waiting[], maxOpenOrders: number | null): Promise<void> {
  try {
    const taken = await placeOrders(
      db,
      batch.map(({ wanted }) => wanted),
      maxOpenOrders,
    )
    for (const { wanted, resolve } of batch) resolve(taken.has(wanted.order.id))
  } catch (error) {
    // One order that the database refuses must not take the others with it.
    if (batch.length === 1 || isPassingFault(error)) for (const { reject } of batch) reject(error)
    else await Promise.all(batch.map((one) => write(db, [one], maxOpenOrders)))
  }
}
