import type { PublishedProduct } from '@mart/contracts/events/product-events'
import type { Transaction } from '@mart/service-kit/postgres'
import { saveProducts } from '../catalogue-store.ts'

/** Keeps the order service's own copy of the catalogue; a version that is not above the one it has is ignored. */
export const learnProducts = (tx: Transaction, products: readonly PublishedProduct[]): Promise<void> =>
  saveProducts(tx, products, 'for_sale')

export const unlearnProducts = (tx: Transaction, products: readonly PublishedProduct[]): Promise<void> =>
  saveProducts(tx, products, 'retired')
