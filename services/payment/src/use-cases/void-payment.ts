import { PaymentVoided } from '@mart/contracts/events/payment-events'
import { newId } from '@mart/service-kit/ids'
import { addToOutbox } from '@mart/service-kit/outbox'
import type { Transaction } from '@mart/service-kit/postgres'
import type { OrderVoid } from '../payment.ts'
import { cancelOrder, closeOrder } from '../payment-moves.ts'
import { lockStory, rememberVoid } from '../payment-store.ts'
import { keepChange } from '../story-writer.ts'

/** Order asks for the end of its payment: always answered, also for an order that we never heard of. */
export async function voidPayment(tx: Transaction, orderId: string, ifPaid: OrderVoid['if_paid']): Promise<void> {
  const story = await lockStory(tx, { orderId })
  if (!story) {
    const isNew = await rememberVoid(tx, orderId, ifPaid)
    if (isNew) await addToOutbox(tx, PaymentVoided, { order_id: orderId, refunding: false })
    return
  }
  const after = cancelOrder(story, ifPaid, { now: new Date(), newId })
  await keepChange(tx, story, after)
}

/** An order is over without having asked: nothing is answered, and nothing opens later. */
export async function closePayment(tx: Transaction, orderId: string): Promise<void> {
  const story = await lockStory(tx, { orderId })
  if (!story) return void (await rememberVoid(tx, orderId, 'refund'))
  await keepChange(tx, story, closeOrder(story, { now: new Date(), newId }))
}
