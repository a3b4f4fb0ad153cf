import type { Transaction } from '@mart/service-kit/postgres'
import { blankPerson, rememberErased } from '../order-store.ts'

/** Takes no more orders of this customer; blanks him in those that are final, and in the others once they are. */
export async function forgetPerson(tx: Transaction, customerId: string): Promise<void> {
  await rememberErased(tx, customerId)
  await blankPerson(tx, customerId)
}
