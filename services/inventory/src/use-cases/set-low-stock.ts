import { addAllToOutbox } from '@mart/service-kit/outbox'
import { pipelined, type Transaction } from '@mart/service-kit/postgres'
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
  await pipelined(
    () => saveStock(tx, changes),
    () => addAllToOutbox(tx, newsOf(changes)),
  )
}
