import { newId } from '@mart/service-kit/ids'
import type { Transaction } from '@mart/service-kit/postgres'
import type { Answer } from '../provider-calls/provider-calls.ts'
import { changesOf } from '../record-change.ts'
import { lockNamedRecords } from '../record-store.ts'
import { keepChanges } from '../record-writer.ts'
import { settle } from '../settle.ts'

/** Records what calls to providers were answered. Returns for each what staff should read in the log. */
export async function settlePayments(tx: Transaction, all: readonly Answer[]): Promise<(readonly string[])[]> {
  const records = await lockNamedRecords(
    tx,
    all.map(({ about }) => about),
  )
  const { changes, change } = changesOf(records)
  const alarms = all.map((heard) => {
    const record = records.find(({ attempts }) => attempts.some(({ id }) => id === heard.about.attemptId))
    if (!record) throw new RangeError(`There is no attempt ${heard.about.attemptId}`)
    return change(record, (current) => settle(current, heard, { now: new Date(), newId })).alarms
  })
  await keepChanges(tx, changes)
  return alarms
}
