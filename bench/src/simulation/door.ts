import { createFifo } from './stations.ts'
import { transaction, type World } from './world.ts'

// As services/order/src/order-writer.ts has them.
const MOST_ITEMS = 64
const MOST_AT_ONCE = 2
/** Of what a request costs the thread, what comes before the order is written; assumed. */
export const BEFORE_WRITING = 0.6

/** Writes the orders that arrive together in one statement, as `inBatches` does; calls back once they are committed. */
export function createWriter(world: World, replica: number, whenWritten: (orders: readonly number[]) => void) {
  const { clock, costs } = world
  const waiting = createFifo<{ readonly order: number; readonly goOn: () => void }>()
  let underWay = 0
  const flush = () => {
    while (waiting.size() > 0 && underWay < MOST_AT_ONCE) {
      underWay += 1
      clock.start(write(waiting.take(MOST_ITEMS)))
    }
  }
  const write = function* (batch: readonly { readonly order: number; readonly goOn: () => void }[]) {
    yield* transaction(world, 'order', replica, {
      thread: 0,
      database: costs.door.database * batch.length,
      writes: true,
    })
    whenWritten(batch.map(({ order }) => order))
    for (const { goOn } of batch) goOn()
    underWay -= 1
    flush()
  }
  return (order: number) => (goOn: () => void) => {
    waiting.push({ order, goOn })
    flush()
  }
}
