import {
  StockAvailabilityChanged,
  StockLow,
  StockRefused,
  StockReserved,
} from '@mart/contracts/events/inventory-events'
import { addSaidToOutbox, say } from '@mart/service-kit/outbox'
import type { Transaction } from '@mart/service-kit/postgres'
import { addReservations, rememberOrders } from '../reservation-store.ts'
import { type PlacedOrder, reserve } from '../reserve.ts'
import { newsOf } from '../stock.ts'
import { lockStock, saveStock } from '../stock-store.ts'

/** Two round trips however many orders: the SKUs of all are locked once, and the decision is made in memory. */
export async function reserveStock(tx: Transaction, placed: readonly PlacedOrder[]): Promise<void> {
  const [unseen, stocks] = await Promise.all([
    rememberOrders(
      tx,
      placed.map((order) => order.order_id),
    ),
    lockStock(
      tx,
      placed.flatMap((order) => order.lines.map((line) => line.sku)),
    ),
  ])
  const orders = placed.filter((order) => unseen.delete(order.order_id))
  const { decisions, changes } = reserve(orders, stocks)
  const news = newsOf(changes)
  await Promise.all([
    saveStock(tx, changes),
    addReservations(
      tx,
      decisions.flatMap(({ order_id, reserved }) => reserved.map((line) => ({ order_id, ...line }))),
    ),
    addSaidToOutbox(tx, [
      ...decisions.map(({ order_id, missing }) =>
        missing.length === 0
          ? say(StockReserved, { order_id })
          : say(StockRefused, { order_id, missing: [...missing] }),
      ),
      ...news.availability.map((data) => say(StockAvailabilityChanged, data)),
      ...news.low.map((data) => say(StockLow, data)),
    ]),
  ])
}
