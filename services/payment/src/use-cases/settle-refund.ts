import { newId } from '@mart/service-kit/ids'
import type { Transaction } from '@mart/service-kit/postgres'
import { lockStory } from '../payment-store.ts'
import type { RefundNews } from '../provider-calls.ts'
import { settleRefund } from '../refund-moves.ts'
import { keepChange } from '../story-writer.ts'

/** Records what a call for a refund was answered. Returns what staff should read in the log. */
export async function recordRefund(tx: Transaction, heard: { refundId: string; news: RefundNews }): Promise<string[]> {
  const story = await lockStory(tx, { refundId: heard.refundId })
  if (!story) throw new RangeError(`There is no refund ${heard.refundId}`)
  const after = settleRefund(story, heard, { now: new Date(), newId })
  return await keepChange(tx, story, after)
}
