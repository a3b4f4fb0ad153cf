import { StockAvailabilityChanged, StockLow } from '@mart/contracts/events/inventory-events'
import type { MovementShape } from '@mart/contracts/http/inventory-shapes'
import { addSaidToOutbox, say } from '@mart/service-kit/outbox'
import type { Transaction } from '@mart/service-kit/postgres'
import { type Adjustment, adjusted } from '../movement.ts'
import { changesBy, newsOf, unknownSku } from '../stock.ts'
import { addMovements, lockStock, saveStock } from '../stock-store.ts'

/** Staff moves goods onto the shelf or off it. Throws Refusal 404 unknown_sku, 409 stock_reserved, 422. */
export async function adjustStock(
  tx: Transaction,
  { sku, adjustment, by }: { sku: string; adjustment: Adjustment; by: string },
): Promise<MovementShape> {
  const [stock] = await lockStock(tx, [sku])
  if (!stock) throw unknownSku(sku)
  const movement = adjusted(stock, adjustment, by)
  const changes = changesBy([{ sku, on_hand: movement.delta }], [stock])
  const news = newsOf(changes)
  const [[written]] = await Promise.all([
    addMovements(tx, [movement]),
    saveStock(tx, changes),
    addSaidToOutbox(tx, [
      ...news.availability.map((data) => say(StockAvailabilityChanged, data)),
      ...news.low.map((data) => say(StockLow, data)),
    ]),
  ])
  return written!
}
