import assert from 'node:assert/strict'
import { type ChildProcess, fork } from 'node:child_process'
import { after, before, describe, test } from 'node:test'
import { setTimeout as sleep } from 'node:timers/promises'
import { defineEvent } from '@mart/contracts/events/define-event'
import { connectEventLog } from '@mart/service-kit/connect-event-log'
import type { EventLog, LogRecord } from '@mart/service-kit/event-log'
import { newId } from '@mart/service-kit/ids'
import { kitMigrations, migrate } from '@mart/service-kit/migrate'
import { addAllToOutbox } from '@mart/service-kit/outbox'
import { connectDatabase, type Database, inTransaction } from '@mart/service-kit/postgres'
import { createTestDatabase, eventually, quietLogger } from '@mart/service-kit/testing'
import { Type } from 'typebox'

const WRITERS = 4
const KEYS = 30
const KEYS_PER_TRANSACTION = 2
/** So long a transaction stays open: what others commit meanwhile has higher numbers in the outbox. */
const OPEN_MS = 50
const BATCHES_AFTER = 10

/** Several processes of a service, each with its relay, on an engine of the event log. */
export function describeRelayTakeover(startEngine: () => Promise<{ url: string; stop: () => Promise<void> }>): void {
  describe('relays that are ended while others write', () => {
    const topic = { name: `test.${newId()}`, producer: 'test', retention: 'days' } as const
    const Counted = defineEvent({
      type: 'test.counted',
      version: 1,
      topic,
      key: 'id',
      data: Type.Object({ id: Type.String(), n: Type.Integer() }),
    })
    let engine: Awaited<ReturnType<typeof startEngine>>
    let database: Awaited<ReturnType<typeof createTestDatabase>>
    let db: Database
    let log: EventLog
    before(async () => {
      ;[engine, database] = await Promise.all([startEngine(), createTestDatabase()])
      db = connectDatabase(database.url, { max: WRITERS + 1, applicationName: 'test' })
      await migrate(db, 'service-kit', kitMigrations)
      await db`create table counters (id text primary key, n int not null default 0)`
      await db`insert into counters (id) select 'key-' || k from generate_series(1, ${KEYS}) k`
      log = await connectEventLog(engine.url, { clientName: 'test', logger: quietLogger })
      await log.prepareTopics([{ name: topic.name, retentionDays: null }])
    })
    after(async () => {
      await Promise.all([log.close(), db.end()])
      await Promise.all([engine.stop(), database.drop()])
    })

    /** As a use case does it: the rows that the keys name are locked first. */
    const count = () =>
      inTransaction(db, async (tx) => {
        const ids = Array.from({ length: KEYS_PER_TRANSACTION }, () => `key-${1 + Math.floor(Math.random() * KEYS)}`)
        await tx`select from counters where id = any(${ids}) order by id for update`
        const counted = await tx<{ id: string; n: number }[]>`
          update counters set n = n + 1 where id = any(${ids}) returning id, n`
        await addAllToOutbox(
          tx,
          counted.map((data) => ({ event: Counted, data })),
        )
        await sleep(Math.random() * OPEN_MS)
      })
    const write = async (over: AbortSignal) => {
      while (!over.aborted) await count()
    }

    const startRelay = () => {
      const relay = fork(new URL('./fixtures/relaying.ts', import.meta.url), [database.url, engine.url])
      return relay.on('message', (moment) => {
        if (!wanted || wanted.moment !== moment || wanted.except === relay) return relay.send('go on')
        wanted.resolve(relay)
        wanted = undefined
      })
    }
    let wanted:
      | { moment: unknown; except?: ChildProcess | undefined; resolve: (relay: ChildProcess) => void }
      | undefined
    /** The next relay that gets there, where it waits; it goes no further before it is told. */
    const stopped = (moment: 'appending' | 'appended', except?: ChildProcess) =>
      new Promise<ChildProcess>((resolve) => {
        wanted = { moment, except, resolve }
      })
    const isEmpty = async () => (await db`select from outbox limit 1`).length === 0

    const readAll = async (): Promise<LogRecord[]> => {
      const records: LogRecord[] = []
      const group = `test.${newId()}`
      const reader = log.consume({
        group,
        topics: [topic.name],
        onRecords: async (some) => void records.push(...some),
      })
      const isRead = async () => (await log.lag(group, [topic.name])).every(({ lag }) => lag === 0)
      await eventually(isRead, 'the log is read').finally(() => reader.stop())
      return records
    }

    test('each key’s events are in the log in its order, none is lost, and what comes twice is the same event', async (t) => {
      const relays = [startRelay(), startRelay()]
      t.after(() => relays.map((relay) => relay.kill('SIGKILL')))
      const over = new AbortController()
      t.after(() => over.abort())
      const writers = Promise.all(Array.from({ length: WRITERS }, () => write(over.signal)))
      const goesOn = async (except?: ChildProcess) => (await stopped('appended', except)).send('go on')

      for (const moment of ['appended', 'appending'] as const) {
        const killed = await stopped(moment)
        killed.kill('SIGKILL')
        relays.push(startRelay())
        await goesOn(killed)
      }
      const hung = await stopped('appending')
      hung.kill('SIGSTOP')
      await goesOn(hung)
      hung.send('go on')
      hung.kill('SIGCONT')
      const { promise: back, resolve } = Promise.withResolvers<void>()
      hung.once('message', () => resolve())
      await back
      for (let n = 0; n < BATCHES_AFTER; n += 1) await goesOn()

      over.abort()
      await writers
      await eventually(isEmpty, 'the outbox is empty')
      const records = await readAll()
      const first = new Map(records.toReversed().map((record) => [record.headers['ce_id'], record]))
      const inOrder = records.filter((record) => first.get(record.headers['ce_id']) === record)
      const counters = await db<{ id: string; n: number }[]>`select id, n from counters`
      for (const { id, n } of counters)
        assert.deepEqual(
          inOrder.filter(({ key }) => key === id).map(({ value }) => JSON.parse(value!).n),
          Array.from({ length: n }, (_, index) => index + 1),
          id,
        )
      assert.ok(records.length > inOrder.length, 'what the log had when its relay was killed comes twice')
    })
  })
}
