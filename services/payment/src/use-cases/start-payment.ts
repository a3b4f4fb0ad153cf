import { randomBytes } from 'node:crypto'
import type { Money } from '@mart/contracts/money'
import { newId } from '@mart/service-kit/ids'
import type { Transaction } from '@mart/service-kit/postgres'
import type { Payment, Story } from '../payment.ts'
import { changesOf } from '../payment-change.ts'
import { type AttemptAsked, startAttempt } from '../payment-moves.ts'
import { lockStoriesOfOrders, voidedOf } from '../payment-store.ts'
import { erasedOf } from '../person-store.ts'
import { keepChanges } from '../story-writer.ts'

export interface PaymentAsked extends Omit<AttemptAsked, 'goToken'> {
  readonly orderId: string
  readonly customerId: string | null
  readonly total: Money
}

/** Writes down that attempts are wanted; the worker calls the providers. */
export async function startPayments(tx: Transaction, all: readonly PaymentAsked[]): Promise<void> {
  const orderIds = all.map(({ orderId }) => orderId)
  const erased = await erasedOf(
    tx,
    all.flatMap(({ customerId }) => customerId ?? []),
  )
  const [stories, voided] = await Promise.all([lockStoriesOfOrders(tx, orderIds), voidedOf(tx, orderIds)])
  const known = new Map(stories.map((story) => [story.payment.order_id, story]))
  const { changes, change } = changesOf(stories)
  for (const asked of all) {
    const { orderId, customerId } = asked
    if (!known.has(orderId) && voided.has(orderId)) continue
    const isErased = customerId === null || erased.has(customerId)
    const story = known.get(orderId) ?? newStory(asked, isErased ? null : customerId)
    known.set(orderId, story)
    const basket =
      story.payment.customer_id === customerId ? asked.basket : { ...asked.basket, email: null, phone: null }
    const goToken = randomBytes(18).toString('base64url')
    change(story, (current) => startAttempt(current, { ...asked, basket, goToken }, { now: new Date(), newId }))
  }
  await keepChanges(tx, changes)
}

function newStory({ orderId, method, total, dueAt }: PaymentAsked, customerId: string | null): Story {
  const payment: Payment = {
    id: newId(),
    order_id: orderId,
    customer_id: customerId,
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
    handed_in_at: null,
    handed_in_by: null,
    attempt: 0,
    due_at: dueAt,
  }
  return { payment, attempts: [], order_void: null, refunds: [], tasks: [] }
}
