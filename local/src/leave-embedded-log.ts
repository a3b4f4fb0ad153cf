import { connectEventLog } from '@mart/service-kit/connect-event-log'
import { migrateEventLog } from '@mart/service-kit/event-log-postgres'
import { MartFault } from '@mart/service-kit/fault'
import { createLogger } from '@mart/service-kit/logger'
import { countUnconsumed } from './unconsumed.ts'

/** Throws a MartFault when the embedded log holds what somebody has not heard: on another log nobody ever would. */
export async function leaveEmbeddedLog(ownerUrl: string): Promise<void> {
  await migrateEventLog(ownerUrl)
  const log = await connectEventLog(ownerUrl, { clientName: 'start', logger: createLogger('start', 'silent') })
  try {
    const unheard = await countUnconsumed(log)
    if (unheard.size > 0)
      throw new MartFault(
        `${[...unheard.values()].reduce((sum, count) => sum + count)} events in the embedded event log are not heard yet, and on Kafka nobody would hear them:` +
          ' start the mart once without Kafka, and stop it when it has come to rest (npm run books says so).',
      )
  } finally {
    await log.close()
  }
}
