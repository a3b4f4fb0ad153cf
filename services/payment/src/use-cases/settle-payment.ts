import { newId } from '@mart/service-kit/ids'
import type { Transaction } from '@mart/service-kit/postgres'
import { changesOf } from '../payment-change.ts'
import { lockNamedStories } from '../payment-store.ts'
import type { Answer } from '../provider-calls.ts'
import { settle } from '../provider-news.ts'
import { keepChanges } from '../story-writer.ts'

/** Records what calls to providers were answered. Returns for each what staff should read in the log. */
export async function settlePayments(tx: Transaction, all: readonly Answer[]): Promise<(readonly string[])[]> {
  const stories = await lockNamedStories(
    tx,
    all.map(({ about }) => about),
  )
  const { changes, change } = changesOf(stories)
  const alarms = all.map((heard) => {
    const story = stories.find(({ attempts }) => attempts.some(({ id }) => id === heard.about.attemptId))
    if (!story) throw new RangeError(`There is no attempt ${heard.about.attemptId}`)
    return change(story, (current) => settle(current, heard, { now: new Date(), newId })).alarms
  })
  await keepChanges(tx, changes)
  return alarms
}
