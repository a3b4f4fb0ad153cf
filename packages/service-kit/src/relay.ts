import { setTimeout as sleep } from 'node:timers/promises'
import { backoffMs } from './backoff.ts'
import type { EventLog, OutgoingRecord } from './event-log.ts'
import { newId } from './ids.ts'
import type { Logger } from './logger.ts'
import { onOutbox } from './outbox.ts'
import type { Database } from './postgres.ts'
import { createWakeUp } from './wake-up.ts'
import { writeFault } from './writing.ts'

/** Of an outbox, at most. */
export const ROWS_PER_BATCH = 2_000
const BYTES_PER_BATCH = 4 * 1024 * 1024
const POLL_MS = 200
const RENEW_MS = 1_500
const LOG_FAULT = 'the event log does not take it'
const DATABASE_FAULT = 'the database does not answer'

interface OutboxRow extends OutgoingRecord {
  readonly seq: number
  readonly topic: string
}

export interface Relay {
  /** Why the event log did not take what was last sent to it; null when it did. */
  readonly failure: () => string | null
  /** Sends what is committed by then and ends; gives up what the log does not take within `timeoutMs`. */
  readonly stop: (timeoutMs?: number) => Promise<void>
}

/**
 * Carries the outbox to the event log. One per database at a time, by a lease that is kept while the log takes its time;
 * the oldest rows first, gone only once the log has them, so a crash or two relays that overlap for a moment only repeat.
 * What a Kafka was sent is kept for `npm run resend`.
 */
export function startRelay(db: Database, log: EventLog, logger: Logger): Relay {
  const holder = newId()
  const wakeUp = createWakeUp()
  const forget = onOutbox(db, wakeUp.wake)
  const givingUp = new AbortController()
  let stopping = false
  let failures = 0
  let failure: string | null = null
  let said: string | null = null
  let isUntaken = false
  const append: EventLog['append'] = async (topic, records) => {
    isUntaken = true
    await log.append(topic, records)
    isUntaken = false
  }

  const run = async () => {
    while (!givingUp.signal.aborted) {
      try {
        const waited = wakeUp.wait(POLL_MS)
        const rows = await takeBatch(db, holder)
        if (rows.length > 0)
          await whileLeased({ db, holder, logger, signal: givingUp.signal }, () =>
            send(db, { engine: log.engine, append }, rows),
          )
        if (said !== null) logger.info('the outbox is sent again')
        failures = 0
        failure = said = null
        if (mayBeMore(rows)) {
          wakeUp.wake()
          continue
        }
        if (stopping && rows.length === 0) return
        await waited
      } catch (error) {
        if (stopping) return
        const message = `the outbox waits: ${writeFault(error) ?? (isUntaken ? LOG_FAULT : DATABASE_FAULT)}`
        if (message !== said) logger.warn({ err: error }, message)
        said = message
        failure = isUntaken ? message : null
        isUntaken = false
        await sleep(backoffMs(failures++, { firstMs: 100 }))
      }
    }
  }
  const ended = run()

  return {
    failure: () => failure,
    async stop(timeoutMs = 5_000) {
      stopping = true
      wakeUp.wake()
      forget()
      await Promise.race([ended.then(() => giveBack(db, holder)), sleep(timeoutMs, undefined, { ref: false })])
      givingUp.abort()
    },
  }
}

/** Whether the limits of a batch left rows behind; what is committed since wakes the relay, or is found by its poll. */
function mayBeMore(rows: readonly OutboxRow[]): boolean {
  if (rows.length === ROWS_PER_BATCH) return true
  const characters = rows.reduce((sum, { value }) => sum + value.length, 0)
  return characters > BYTES_PER_BATCH / 8 // a character may have four bytes, and the next row a half megabyte
}

/** The oldest rows, when the lease is ours or can be now, else none: at most 4 MB of them, and at least one. */
async function takeBatch(db: Database, holder: string): Promise<readonly OutboxRow[]> {
  return await db<OutboxRow[]>`
    with lease as (
      update relay_lease set held_until = clock_timestamp() + interval '5 seconds', holder = ${holder}
      where (holder = ${holder} or held_until < clock_timestamp()) and exists (select from outbox)
      returning 1)
    select seq, topic, key, value, headers
    from (
      select *, sum(octet_length(value)) over (order by seq) as bytes, row_number() over (order by seq) as nth
      from outbox where exists (select from lease) order by seq limit ${ROWS_PER_BATCH}) as oldest
    where bytes <= ${BYTES_PER_BATCH} or nth = 1 order by seq`
}

async function send(db: Database, log: Pick<EventLog, 'engine' | 'append'>, rows: readonly OutboxRow[]): Promise<void> {
  for (const [topic, records] of Map.groupBy(rows, (row) => row.topic)) await log.append(topic, records)
  // Exactly these rows: a lower number may be committed later.
  const seqs = rows.map((row) => row.seq)
  if (log.engine === 'kafka')
    await db`
      with sent as (
        delete from outbox where seq = any(${seqs}::bigint[]) returning seq, topic, key, value, headers, said_at)
      insert into outbox_sent (seq, topic, key, value, headers, said_at) select * from sent order by seq`
  else await db`delete from outbox where seq = any(${seqs}::bigint[])`
}

interface Lease {
  readonly db: Database
  readonly holder: string
  readonly logger: Logger
  readonly signal: AbortSignal
}

/** A log that waits for its broker has not failed: another relay would only wait beside this one. */
async function whileLeased({ db, holder, logger, signal }: Lease, work: () => Promise<void>): Promise<void> {
  const renew = () =>
    db`update relay_lease set held_until = clock_timestamp() + interval '5 seconds' where holder = ${holder}`.catch(
      (error: unknown) => logger.warn({ err: error }, 'the lease of the outbox could not be renewed'),
    )
  const timer = setInterval(renew, RENEW_MS)
  const end = () => clearInterval(timer)
  signal.addEventListener('abort', end, { once: true })
  try {
    await work()
  } finally {
    end()
    signal.removeEventListener('abort', end)
  }
}

/** So that the next process need not wait for the lease to end; one that can't be reached ends by itself. */
async function giveBack(db: Database, holder: string): Promise<void> {
  await db`update relay_lease set held_until = '-infinity' where holder = ${holder}`.catch(() => undefined)
}
