import type { ReceivedLine } from '@mart/contracts/events/order-events'
import { addAllToOutbox } from '@mart/service-kit/outbox'
import { pipelined, type Transaction } from '@mart/service-kit/postgres'
import { takenBack } from '../movement.ts'
import { rememberReturns } from '../reservation-store.ts'
import { changesBy, newsOf } from '../stock.ts'
import { addMovements, lockStock, saveStock } from '../stock-store.ts'

export interface ReceivedReturn {
  readonly return_id: string
  readonly received: readonly ReceivedLine[]
}

/** What buyers have sent back and can be sold goes onto the shelf again, once; what is damaged is only written down. */
export async function takeBack(tx: Transaction, returns: readonly ReceivedReturn[]): Promise<void> {
  const unseen = await rememberReturns(
    tx,
    returns.map(({ return_id }) => return_id),
  )
  const lines = returns
    .filter(({ return_id }) => unseen.delete(return_id))
    .flatMap(({ return_id, received }) => received.map((line) => ({ ...line, return_id })))
  if (lines.length === 0) return
  const stocks = await lockStock(
    tx,
    lines.map(({ sku }) => sku),
  )
  const movements = takenBack(lines, stocks)
  const changes = changesBy(
    movements.map(({ sku, delta }) => ({ sku, on_hand: delta })),
    stocks,
  )
  await pipelined(
    () => saveStock(tx, changes),
    () => addMovements(tx, movements),
    () => addAllToOutbox(tx, newsOf(changes)),
  )
}
