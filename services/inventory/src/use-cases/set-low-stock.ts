import { StockAvailabilityChanged, StockLow } from '@mart/contracts/events/inventory-events'
import { addSaidToOutbox, say } from '@mart/service-kit/outbox'
import type { Transaction } from '@mart/service-kit/postgres'
import { newsOf, unknownSku, withChange } from '../stock.ts'
import { lockStock, saveStock } from '../stock-store.ts'

/** Sets from how many available units on a SKU counts as low. Throws Refusal 404 unknown_sku. */
export async function setLowStock(
  tx: Transaction,
  { sku, low_stock_at }: { sku: string; low_stock_at: number },
): Promise<void> {
  const [before] = await lockStock(tx, [sku])
  if (!before) throw unknownSku(sku)
  const changes = [{ before, after: withChange(before, { low_stock_at }) }]
  const news = newsOf(changes)
  await Promise.all([
    saveStock(tx, changes),
    addSaidToOutbox(tx, [
      ...news.availability.map((data) => say(StockAvailabilityChanged, data)),
      ...news.low.map((data) => say(StockLow, data)),
    ]),
  ])
}
