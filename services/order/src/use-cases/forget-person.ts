import { deleteResponsesOf } from '@mart/service-kit/idempotency'
import type { Transaction } from '@mart/service-kit/postgres'
import { deleteCartOf } from '../carts/cart-store.ts'
import { deleteAnswersToGuests } from '../guest-store.ts'
import { blankPerson, lockCustomer, lockOrdersOf, rememberErased } from '../order-store.ts'

/** Takes no more orders of this customer; blanks him in those that are final, and in the others once they are. */
export async function forgetPerson(tx: Transaction, customerId: string): Promise<void> {
  await lockCustomer(tx, customerId)
  // Before anything is read, or an order that becomes final beside us is blanked neither here nor there.
  await lockOrdersOf(tx, customerId)
  await rememberErased(tx, customerId)
  await blankPerson(tx, customerId)
  await deleteCartOf(tx, customerId)
  await deleteResponsesOf(tx, customerId)
  await deleteAnswersToGuests(tx, customerId)
}
