import assert from 'node:assert/strict'
import { after, before, describe, test } from 'node:test'
import { setTimeout as sleep } from 'node:timers/promises'
import { defineEvent, type Topic } from '@mart/contracts/events/define-event'
import { consumeRecords } from '@mart/service-kit/consumer'
import type { EventLog, LogRecord } from '@mart/service-kit/event-log'
import { handlerTable, onBatch } from '@mart/service-kit/handlers'
import { newId } from '@mart/service-kit/ids'
import { kitMigrations, migrate } from '@mart/service-kit/migrate'
import { connectDatabase, type Database, inTransaction } from '@mart/service-kit/postgres'
import { createTestDatabase, eventually, quietLogger, recordOf } from '@mart/service-kit/testing'
import { Type } from 'typebox'

export interface Engine {
  readonly name: string
  /** Another client of the same log, as another process would have. */
  readonly connect: () => Promise<EventLog>
  readonly stop: () => Promise<void>
}

const record = (key: string, value: unknown) => ({ key, value: JSON.stringify(value), headers: '{"ce_type":"test"}' })

/** What every engine of the event log must do: run once for each engine. */
export function describeEventLog(startEngine: () => Promise<Engine>): void {
  describe('an event log', () => {
    let engine: Engine
    let log: EventLog
    before(async () => {
      engine = await startEngine()
      log = await engine.connect()
    })
    after(async () => {
      await log.close()
      await engine.stop()
    })

    const newTopic = async () => {
      const name = `test.${newId()}`
      await log.prepareTopics([{ name, retentionDays: 30 }])
      return name
    }
    const lagOf = async (group: string, topic: string) =>
      (await log.lag(group, [topic])).reduce((sum, part) => sum + part.lag, 0)
    const caughtUp = (group: string, topic: string) =>
      eventually(async () => (await lagOf(group, topic)) === 0, `${group} has read ${topic}`)
    const collect = (group: string, topic: string, into: LogRecord[], from = log) =>
      from.consume({ group, topics: [topic], onRecords: async (records) => void into.push(...records) })

    test('records of one key come in the order in which they were appended', async () => {
      const topic = await newTopic()
      const heard: LogRecord[] = []
      for (let round = 0; round < 10; round += 1) {
        await log.append(
          topic,
          Array.from({ length: 50 }, (_, n) => record(`key-${n % 7}`, { round, n })),
        )
      }
      const reader = collect('order', topic, heard)
      await caughtUp('order', topic)
      await reader.stop()
      assert.equal(heard.length, 500)
      for (const [key, records] of Map.groupBy(heard, (one) => one.key)) {
        const places = records.map((one) => JSON.parse(one.value!) as { round: number; n: number })
        const sorted = places.toSorted((a, b) => a.round - b.round || a.n - b.n)
        assert.deepEqual(places, sorted, `the records of ${key} are out of order`)
        assert.equal(new Set(records.map((one) => one.partition)).size, 1)
      }
    })

    test('records appended by several clients at once all arrive, each once', async () => {
      const topic = await newTopic()
      const clients = await Promise.all(Array.from({ length: 4 }, () => engine.connect()))
      await Promise.all(
        clients.flatMap((client, c) =>
          Array.from({ length: 10 }, (_, n) =>
            client.append(topic, [record(`${c}`, `${c}/${n}/a`), record(`${n}`, `${c}/${n}/b`)]),
          ),
        ),
      )
      const heard: LogRecord[] = []
      const reader = collect('all', topic, heard)
      await caughtUp('all', topic)
      await reader.stop()
      assert.equal(heard.length, 80)
      assert.equal(new Set(heard.map((one) => one.value)).size, 80)
      await Promise.all(clients.map((client) => client.close()))
    })

    test('a batch that fails comes again, and what was done after it comes too', async () => {
      const topic = await newTopic()
      await log.append(
        topic,
        Array.from({ length: 30 }, (_, n) => record('k', n)),
      )
      const heard: LogRecord[] = []
      let failures = 0
      const reader = log.consume({
        group: 'retry',
        topics: [topic],
        async onRecords(records) {
          if (failures < 2) {
            failures += 1
            throw new Error('on purpose')
          }
          heard.push(...records)
        },
      })
      await caughtUp('retry', topic)
      await reader.stop()
      assert.equal(failures, 2)
      assert.deepEqual(
        heard.map((one) => JSON.parse(one.value!)),
        Array.from({ length: 30 }, (_, n) => n),
      )
    })

    test('a partition whose records fail waits alone: the others go on, and nothing is committed past it', async () => {
      const topic = await newTopic()
      const poisonous = 'poison'
      await log.append(topic, [record(poisonous, 'first'), ...Array.from({ length: 200 }, (_, n) => record(`${n}`, n))])
      const heard: LogRecord[] = []
      let cured = false
      const reader = log.consume({
        group: 'lanes',
        topics: [topic],
        async onRecords(records) {
          if (!cured && records.some(({ key }) => key === poisonous)) throw new Error('on purpose')
          heard.push(...records)
        },
      })
      const partitionOf = (key: string) => heard.find((one) => one.key === key)?.partition
      await eventually(async () => new Set(heard.map(({ partition }) => partition)).size === 11, 'the others are heard')
      await log.append(
        topic,
        Array.from({ length: 200 }, (_, n) => record(`${n}`, n + 200)),
      )
      const unheard = () =>
        new Set(Array.from({ length: 200 }, (_, n) => `${n}`).filter((key) => partitionOf(key) === undefined))
      await eventually(
        async () => heard.length === 2 * (200 - unheard().size),
        'what came later on the other partitions is heard while one waits',
      )
      await eventually(async () => {
        const behind = (await log.lag('lanes', [topic])).filter(({ lag }) => lag > 0)
        return behind.length === 1 && behind[0]!.lag === 1 + 2 * unheard().size
      }, 'only the partition that waits is behind, by all that it has')
      cured = true
      await caughtUp('lanes', topic)
      await reader.stop()
      assert.equal(heard.length, 401)
    })

    test('headers that are no texts come as texts, and the reader goes on', async () => {
      const topic = await newTopic()
      const odd = ['{"ce_id":5,"ce_type":["x"],"ce_time":null,"a":"b"}', '[1]', 'null', '{"ce_id":', '{}']
      await log.append(
        topic,
        odd.map((headers) => ({ key: 'k', value: '1', headers })),
      )
      const heard: LogRecord[] = []
      const reader = collect('odd', topic, heard)
      await caughtUp('odd', topic)
      await reader.stop()
      assert.deepEqual(
        heard.map(({ headers }) => headers),
        [{ ce_id: '5', ce_type: '["x"]', a: 'b' }, {}, {}, {}, {}],
      )
    })

    test('a row that somebody keeps locked holds up its own partition: what the others bring is done', async () => {
      const database = await createTestDatabase()
      const [db, someone] = [`${database.url}?lock_timeout=300`, database.url].map((url) =>
        connectDatabase(url, { max: 4, applicationName: 'test' }),
      ) as [Database, Database]
      await migrate(db, 'service-kit', kitMigrations)
      await db`create table things (id text primary key, done int not null default 0)`
      const speaks: Topic = { name: await newTopic(), producer: 'test', retention: 'days' }
      const data = Type.Object({ id: Type.String() })
      const Touched = defineEvent({ type: 'test.touched', version: 1, topic: speaks, key: 'id', data })
      const table = handlerTable(
        [
          onBatch(Touched, async (tx, events) => {
            const ids = events.map((event) => event.data.id).sort()
            await tx`update things set done = done + 1 where id = any(${ids}::text[])`
          }),
        ],
        [Touched],
      )
      const ids = Array.from({ length: 60 }, (_, n) => `thing-${n}`)
      await db`insert into things (id) select unnest(${ids}::text[])`
      const say = (wanted: readonly string[]) =>
        log.append(
          speaks.name,
          wanted
            .map((id) => recordOf(Touched, { id }))
            .map((one) => ({ ...one, headers: JSON.stringify(one.headers) })),
        )
      const partitions = new Map<string, number>()
      const reader = log.consume({
        group: 'locked',
        topics: [speaks.name],
        async onRecords(records, signal) {
          for (const { key, partition } of records) partitions.set(key!, partition)
          await consumeRecords({ db, table, logger: quietLogger }, records, signal)
        },
      })
      const free = Promise.withResolvers<void>()
      const locked = Promise.withResolvers<void>()
      const holding = inTransaction(someone, async (tx) => {
        await tx`select from things where id = ${ids[0]!} for update`
        locked.resolve()
        await free.promise
      })
      await locked.promise
      const doneOf = async (times: number) =>
        (await someone<{ id: string }[]>`select id from things where done = ${times}`).map(({ id }) => id)
      const others = () => ids.filter((id) => partitions.get(id) !== partitions.get(ids[0]!))
      const allDone = async (times: number) => {
        const is = new Set(await doneOf(times))
        return partitions.size === ids.length && others().every((id) => is.has(id))
      }
      await say(ids)
      await eventually(() => allDone(1), 'the other partitions are done while the row is locked')
      await say(ids)
      await eventually(() => allDone(2), 'and so is what comes later')
      assert.ok(!(await doneOf(1)).includes(ids[0]!))
      free.resolve()
      await holding
      await caughtUp('locked', speaks.name)
      assert.equal((await doneOf(2)).length, ids.length)
      await reader.stop()
      await Promise.all([db.end(), someone.end()])
      await database.drop()
    })

    test('another member takes over when one dies in the middle of a batch, and misses nothing', async () => {
      const topic = await newTopic()
      await log.append(
        topic,
        Array.from({ length: 20 }, (_, n) => record(`${n}`, n)),
      )
      const dying = await engine.connect()
      let started = false
      dying.consume({
        group: 'takeover',
        topics: [topic],
        onRecords() {
          started = true
          return new Promise(() => undefined)
        },
      })
      await eventually(async () => started, 'the first member has a batch')
      await dying.close() // as a killed process: its connections end, its lease is not given back
      const heard: LogRecord[] = []
      const survivor = collect('takeover', topic, heard)
      await caughtUp('takeover', topic)
      await survivor.stop()
      assert.equal(heard.length, 20)
    })

    test('two live members of a group never have the same record twice between them', async () => {
      const topic = await newTopic()
      const first: LogRecord[] = []
      const second: LogRecord[] = []
      const other = await engine.connect()
      const members = [collect('shared', topic, first), collect('shared', topic, second, other)]
      for (let n = 0; n < 20; n += 1) await log.append(topic, [record(`${n}`, n)])
      await caughtUp('shared', topic)
      await Promise.all(members.map((member) => member.stop()))
      assert.equal(first.length + second.length, 20)
      await other.close()
    })

    test('a group that stops and starts goes on where it was; seeking to the start replays everything', async () => {
      const topic = await newTopic()
      await log.append(topic, [record('a', 1), record('b', 2)])
      const heard: LogRecord[] = []
      let reader = collect('again', topic, heard)
      await caughtUp('again', topic)
      await reader.stop()
      await log.append(topic, [record('a', 3)])
      reader = collect('again', topic, heard)
      await caughtUp('again', topic)
      await reader.stop()
      assert.equal(heard.length, 3)

      await log.seek('again', topic, 0)
      assert.equal(await lagOf('again', topic), 3)
      reader = collect('again', topic, heard)
      await caughtUp('again', topic)
      await reader.stop()
      assert.equal(heard.length, 6)
    })

    test('a new group starts at the earliest record; lag counts what it has not read', async () => {
      const topic = await newTopic()
      await log.append(topic, [record('a', 1), record('a', 2), record('b', 3)])
      assert.equal(await lagOf('late', topic), 3)
      const heard: LogRecord[] = []
      const reader = collect('late', topic, heard)
      await caughtUp('late', topic)
      await reader.stop()
      assert.equal(heard.length, 3)
    })

    test('a record that comes while the reader sleeps is heard soon', async () => {
      const topic = await newTopic()
      const heard: LogRecord[] = []
      const reader = collect('sleepy', topic, heard)
      await sleep(300)
      await log.append(topic, [record('a', 1)])
      await eventually(async () => heard.length === 1, 'the record is heard')
      await reader.stop()
    })

    test('preparing a topic again changes nothing that is in it', async () => {
      const topic = await newTopic()
      await log.append(topic, [record('a', 1)])
      await log.prepareTopics([{ name: topic, retentionDays: 30 }])
      assert.equal(await lagOf('whoever', topic), 1)
    })
  })
}
