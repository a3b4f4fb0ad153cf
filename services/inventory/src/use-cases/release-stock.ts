import { toPublish } from '@mart/contracts/events/define-event'
import { StockReleased } from '@mart/contracts/events/inventory-events'
import { addAllToOutbox } from '@mart/service-kit/outbox'
import { pipelined, type Transaction } from '@mart/service-kit/postgres'
import { closeReservations, rememberOrders } from '../reservation-store.ts'
import { changesBy, newsOf } from '../stock.ts'
import { lockReservedStock, saveStock } from '../stock-store.ts'

/** Frees what is still reserved for these orders; one that was not heard of before can't be reserved any more. */
export async function releaseStock(tx: Transaction, orderIds: readonly string[]): Promise<void> {
  const [, stocks, lines] = await pipelined(
    () => rememberOrders(tx, orderIds),
    () => lockReservedStock(tx, orderIds),
    () => closeReservations(tx, orderIds, 'released'),
  )
  const changes = changesBy(
    lines.map(({ sku, quantity }) => ({ sku, reserved: -quantity })),
    stocks,
  )
  const released = new Set(lines.map((line) => line.order_id))
  const said = [...released].map((order_id) => toPublish(StockReleased, { order_id }))
  await pipelined(
    () => saveStock(tx, changes),
    () => addAllToOutbox(tx, [...said, ...newsOf(changes)]),
  )
}
