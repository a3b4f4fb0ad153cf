import type { MovementShape } from '@mart/contracts/http/inventory-shapes'
import { addAllToOutbox } from '@mart/service-kit/outbox'
import { pipelined, type Transaction } from '@mart/service-kit/postgres'
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
  const [[written]] = await pipelined(
    () => addMovements(tx, [movement]),
    () => saveStock(tx, changes),
    () => addAllToOutbox(tx, newsOf(changes)),
  )
  return written!
}
