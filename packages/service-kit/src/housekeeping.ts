import type { Topic } from '@mart/contracts/events/define-event'
import type { EventLog } from './event-log.ts'
import type { HandlerTable } from './handlers.ts'
import { deleteOldResponses } from './idempotency.ts'
import type { Database } from './postgres.ts'
import { dropOldSent } from './resend.ts'
import { deleteOldRevocations } from './token-revocation.ts'
import type { Work } from './workers.ts'

interface Parts {
  readonly db: Database
  readonly log: EventLog
  readonly config: { readonly EVENT_RETENTION_DAYS: number }
}

/** Drops what nobody needs any more: old inbox rows (retention and 7 days), kept answers, expired records of our topic. */
export function housekeeping({ db, log, config }: Parts, topic: Topic, { known }: HandlerTable): Work {
  const keptForEver = [...known.values()].flatMap((event) =>
    event.topic.retention === 'forever' ? event.topic.name : [],
  )
  const inboxDays = config.EVENT_RETENTION_DAYS + 7
  return {
    name: 'housekeeping',
    everyMs: 10 * 60_000,
    async run() {
      // What was parked on a topic kept for ever must not be heard anew, so its inbox rows stay.
      const { count } = await db`
        delete from inbox where ctid = any(array(
          select ctid from inbox
          where heard_at < now() - ${`${inboxDays} days`}::interval and topic <> all(${keptForEver}::text[])
          limit 10000))`
      await deleteOldResponses(db)
      await dropOldSent(db)
      await deleteOldRevocations(db)
      return (await log.dropExpired(topic.name)) + count > 0
    },
  }
}
