import type { Transaction } from '@mart/service-kit/postgres'
import { forgetCustomer, giveToCustomer } from '../payment-moves.ts'
import { erasedOf } from '../record-store.ts'
import { changeRecord } from '../record-writer.ts'

/** A guest's order is this customer's now; of who was erased meanwhile nothing is kept. */
export async function givePayment(tx: Transaction, orderId: string, customerId: string): Promise<void> {
  const isErased = (await erasedOf(tx, [customerId])).has(customerId)
  await changeRecord(tx, { orderId }, (record, moment) =>
    isErased ? forgetCustomer(record, moment) : giveToCustomer(record, customerId, moment),
  )
}

/** The payment stays, without the guest. */
export async function forgetGuest(tx: Transaction, orderId: string): Promise<void> {
  await changeRecord(tx, { orderId }, forgetCustomer)
}
