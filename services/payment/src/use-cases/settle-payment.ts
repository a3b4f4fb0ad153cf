import { newId } from '@mart/service-kit/ids'
import type { Transaction } from '@mart/service-kit/postgres'
import { lockStory } from '../payment-store.ts'
import { type About, type News, settle } from '../provider-news.ts'
import { keepChange } from '../story-writer.ts'

/** Records what a call to the provider was answered. Returns what staff should read in the log. */
export async function settlePayment(tx: Transaction, heard: { news: News; about: About }): Promise<string[]> {
  const story = await lockStory(tx, { attemptId: heard.about.attemptId })
  if (!story) throw new RangeError(`There is no attempt ${heard.about.attemptId}`)
  const after = settle(story, heard, { now: new Date(), newId })
  return await keepChange(tx, story, after)
}
