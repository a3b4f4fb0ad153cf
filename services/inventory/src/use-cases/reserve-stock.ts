import { toPublish } from '@mart/contracts/events/define-event'
import { StockRefused, StockReserved } from '@mart/contracts/events/inventory-events'
import { record } from '@mart/service-kit/instruments'
import { addAllToOutbox } from '@mart/service-kit/outbox'
import { onceCommitted, pipelined, type Transaction } from '@mart/service-kit/postgres'
import { stockReservations } from '../instruments.ts'
import { addReservations, rememberOrders } from '../reservation-store.ts'
import { type PlacedOrder, reserve } from '../reserve.ts'
import { newsOf } from '../stock.ts'
import { lockStock, saveStock } from '../stock-store.ts'

/** Two round trips however many orders: the SKUs of all are locked once, and the decision is made in memory. */
export async function reserveStock(tx: Transaction, placed: readonly PlacedOrder[]): Promise<void> {
  const orderIds = placed.map((order) => order.order_id)
  const skus = placed.flatMap((order) => order.lines.map((line) => line.sku))
  const [unseen, stocks] = await pipelined(
    () => rememberOrders(tx, orderIds),
    () => lockStock(tx, skus),
  )
  const orders = placed.filter((order) => unseen.delete(order.order_id))
  const { decisions, changes } = reserve(orders, stocks)
  const reservations = decisions.flatMap(({ order_id, reserved }) => reserved.map((line) => ({ order_id, ...line })))
  const outcomes = decisions.map(({ missing }) => ({ outcome: missing.length === 0 ? 'reserved' : 'refused' }))
  const said = decisions.map(({ order_id, missing }) =>
    missing.length === 0
      ? toPublish(StockReserved, { order_id })
      : toPublish(StockRefused, { order_id, missing: [...missing] }),
  )
  onceCommitted(tx, (db) => record(db, stockReservations, outcomes))
  await pipelined(
    () => saveStock(tx, changes),
    () => addReservations(tx, reservations),
    () => addAllToOutbox(tx, [...said, ...newsOf(changes)]),
  )
}
