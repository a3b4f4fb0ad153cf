import type { PublishedProduct } from '@mart/contracts/events/product-events'
import type { Transaction } from '@mart/service-kit/postgres'
import { keepProduct } from '../catalogue-store.ts'

/** Keeps the order service's own copy of the catalogue; a version that is not above the one it has is ignored. */
export const learnProduct = (tx: Transaction, product: PublishedProduct): Promise<void> =>
  keepProduct(tx, product, 'for_sale')

export const unlearnProduct = (tx: Transaction, product: PublishedProduct): Promise<void> =>
  keepProduct(tx, product, 'retired')
