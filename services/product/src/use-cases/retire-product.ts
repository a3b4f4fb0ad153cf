import { addToOutbox } from '@mart/service-kit/outbox'
import type { Transaction } from '@mart/service-kit/postgres'
import { renewListings } from '../listing-store.ts'
import { retiredProduct, toPublish } from '../product.ts'
import { lockProduct, saveProducts } from '../product-store.ts'
import type { Versions } from '../version.ts'

/** A product that is retired already stays as it is. */
export async function retireProduct(
  tx: Transaction,
  { id, versions }: { id: string; versions: Versions },
): Promise<void> {
  const before = await lockProduct(tx, id, versions)
  if (before.status === 'retired') return
  const product = retiredProduct(before, new Date())
  await saveProducts(tx, [product])
  await renewListings(tx, [id])
  const told = toPublish(before, product, () => '')
  if (told) await addToOutbox(tx, told.event, told.data)
}
