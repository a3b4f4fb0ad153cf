import { setTimeout as sleep } from 'node:timers/promises'
import type { EventLog, OutgoingRecord } from './event-log.ts'
import { newId } from './ids.ts'
import type { Logger } from './logger.ts'
import { onOutbox } from './outbox.ts'
import type { Database } from './postgres.ts'
import { createWakeUp } from './wake-up.ts'

const ROWS_PER_BATCH = 1_000
const POLL_MS = 200
const MAX_BACKOFF_MS = 5_000

interface OutboxRow extends OutgoingRecord {
  readonly seq: number
  readonly topic: string
}

export interface Relay {
  /** Sends what is committed by then and ends; gives up what the log does not take within `timeoutMs`. */
  readonly stop: (timeoutMs?: number) => Promise<void>
}

/**
 * Carries the outbox to the event log. One per database at a time, by a lease; the oldest rows first, deleted only
 * once the log has them, so a crash or two relays that overlap for a moment only repeat.
 */
export function startRelay(db: Database, log: EventLog, logger: Logger): Relay {
  const holder = newId()
  const wakeUp = createWakeUp()
  const forget = onOutbox(wakeUp.wake)
  let stopping = false
  let backoffMs = 0

  const run = async () => {
    while (true) {
      try {
        const waited = wakeUp.wait(POLL_MS)
        const sent = await sendBatch(db, log, holder)
        backoffMs = 0
        if (sent > 0) {
          wakeUp.wake()
          continue
        }
        if (stopping) return
        await waited
      } catch (error) {
        if (stopping) return
        backoffMs = Math.min(MAX_BACKOFF_MS, backoffMs * 2 || 100)
        logger.warn({ err: error, retry_in_ms: backoffMs }, 'the outbox waits: the event log does not take it')
        await sleep(backoffMs)
      }
    }
  }
  const ended = run()

  return {
    async stop(timeoutMs = 5_000) {
      stopping = true
      wakeUp.wake()
      forget()
      await Promise.race([ended.then(() => giveBack(db, holder)), sleep(timeoutMs, undefined, { ref: false })])
    },
  }
}

async function sendBatch(db: Database, log: EventLog, holder: string): Promise<number> {
  const rows = await db<OutboxRow[]>`
    with lease as (
      update relay_lease set holder = ${holder}, held_until = clock_timestamp() + interval '5 seconds'
      where (holder = ${holder} or held_until < clock_timestamp()) and exists (select from outbox)
      returning 1)
    select seq, topic, key, value, headers from outbox
    where exists (select from lease) order by seq limit ${ROWS_PER_BATCH}`
  for (const [topic, records] of Map.groupBy(rows, (row) => row.topic)) await log.append(topic, records)
  // Exactly these rows: a lower number may be committed later.
  if (rows.length > 0) await db`delete from outbox where seq = any(${rows.map((row) => row.seq)}::bigint[])`
  return rows.length
}

/** So that the next process need not wait for the lease to end; one that can't be reached ends by itself. */
async function giveBack(db: Database, holder: string): Promise<void> {
  await db`update relay_lease set held_until = '-infinity' where holder = ${holder}`.catch(() => undefined)
}
