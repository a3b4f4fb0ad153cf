import { StockAvailabilityChanged } from '@mart/contracts/events/inventory-events'
import { addToOutbox } from '@mart/service-kit/outbox'
import { pipelined, type Transaction } from '@mart/service-kit/postgres'
import { availabilityNews } from '../stock.ts'
import { lockStockToRepeat, saveRepeated } from '../stock-store.ts'

/** Says again what was last said a day ago, for whoever lost or never heard it. Returns of how many SKUs. */
export async function repeatAvailability(tx: Transaction, atMost: number): Promise<number> {
  const stocks = await lockStockToRepeat(tx, atMost)
  const skus = stocks.map((stock) => stock.sku)
  await pipelined(
    () => saveRepeated(tx, skus),
    () => addToOutbox(tx, StockAvailabilityChanged, ...stocks.map(availabilityNews)),
  )
  return stocks.length
}
