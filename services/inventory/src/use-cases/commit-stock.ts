import { StockCommitted } from '@mart/contracts/events/inventory-events'
import { addToOutbox } from '@mart/service-kit/outbox'
import { pipelined, type Transaction } from '@mart/service-kit/postgres'
import { sold } from '../movement.ts'
import { closeReservations, rememberOrders } from '../reservation-store.ts'
import { changesBy } from '../stock.ts'
import { addMovements, lockReservedStock, saveStock } from '../stock-store.ts'

/** The reserved goods of shipped orders leave the shelf. What is available stays as it was, so no class changes. */
export async function commitStock(tx: Transaction, orderIds: readonly string[]): Promise<void> {
  const [, stocks, lines] = await pipelined(
    () => rememberOrders(tx, orderIds),
    () => lockReservedStock(tx, orderIds),
    () => closeReservations(tx, orderIds, 'committed'),
  )
  const changes = changesBy(
    lines.map(({ sku, quantity }) => ({ sku, on_hand: -quantity, reserved: -quantity })),
    stocks,
  )
  const committed = new Set(lines.map((line) => line.order_id))
  await pipelined(
    () => saveStock(tx, changes),
    () => addMovements(tx, sold(lines, stocks)),
    () => addToOutbox(tx, StockCommitted, ...[...committed].map((order_id) => ({ order_id }))),
  )
}
