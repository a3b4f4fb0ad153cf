import type { Money } from '@mart/contracts/money'
import { notFound } from '@mart/service-kit/errors'
import { newId } from '@mart/service-kit/ids'
import type { Transaction } from '@mart/service-kit/postgres'
import { lockStory } from '../payment-store.ts'
import { askRefund, type RefundAsked } from '../refund.ts'
import { keepChange } from '../story-writer.ts'

/** Staff ask for money to go back. Throws Refusal 404, 409 refund_exceeds or nothing_to_refund, 422. */
export async function requestRefund(
  tx: Transaction,
  asked: RefundAsked & { readonly paymentId: string },
): Promise<{ id: string; status: 'requested'; amount: Money }> {
  const story = await lockStory(tx, { paymentId: asked.paymentId })
  if (!story) throw notFound('payment')
  const { change, refundId, money } = askRefund(story, asked, { now: new Date(), newId })
  await keepChange(tx, story, change)
  return { id: refundId, status: 'requested', amount: money }
}
