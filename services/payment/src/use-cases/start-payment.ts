import { randomBytes } from 'node:crypto'
import type { Money } from '@mart/contracts/money'
import { newId } from '@mart/service-kit/ids'
import type { Transaction } from '@mart/service-kit/postgres'
import type { Payment, Story } from '../payment.ts'
import { type AttemptAsked, startAttempt } from '../payment-moves.ts'
import { isVoided, lockStory } from '../payment-store.ts'
import { isErased } from '../person-store.ts'
import { keepChange } from '../story-writer.ts'

export interface PaymentAsked extends Omit<AttemptAsked, 'goToken'> {
  readonly orderId: string
  readonly customerId: string | null
  readonly total: Money
}

/** Writes down that an attempt is wanted; the worker calls the provider. */
export async function startPayment(tx: Transaction, asked: PaymentAsked): Promise<void> {
  const before = await lockStory(tx, { orderId: asked.orderId })
  const story = before ?? (await newStory(tx, asked))
  if (!story) return
  const basket =
    story.payment.customer_id === asked.customerId ? asked.basket : { ...asked.basket, email: null, phone: null }
  const goToken = randomBytes(18).toString('base64url')
  const after = startAttempt(story, { ...asked, basket, goToken }, { now: new Date(), newId })
  await keepChange(tx, before, after)
}

async function newStory(
  tx: Transaction,
  { orderId, customerId, method, total, dueAt }: PaymentAsked,
): Promise<Story | null> {
  if (await isVoided(tx, orderId)) return null
  const payment: Payment = {
    id: newId(),
    order_id: orderId,
    customer_id: customerId !== null && (await isErased(tx, customerId)) ? null : customerId,
    method,
    status: 'pending',
    ...total,
    refunded: 0,
    collected: null,
    disputed: false,
    dispute_status: null,
    disputed_amount: 0,
    carrier: null,
    delivered_at: null,
    attempt: 0,
    due_at: dueAt,
  }
  return { payment, attempts: [], order_void: null, refunds: [], tasks: [] }
}
