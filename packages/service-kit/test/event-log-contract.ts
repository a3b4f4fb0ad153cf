import assert from 'node:assert/strict'
import { after, before, describe, test } from 'node:test'
import { setTimeout as sleep } from 'node:timers/promises'
import type { EventLog, LogRecord } from '@mart/service-kit/event-log'
import { newId } from '@mart/service-kit/ids'
import { eventually } from '@mart/service-kit/testing'

export interface Engine {
  readonly name: string
  /** Another client of the same log, as another process would have. */
  readonly connect: () => EventLog
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
      log = engine.connect()
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
      const clients = Array.from({ length: 4 }, () => engine.connect())
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

    test('another member takes over when one dies in the middle of a batch, and misses nothing', async () => {
      const topic = await newTopic()
      await log.append(
        topic,
        Array.from({ length: 20 }, (_, n) => record(`${n}`, n)),
      )
      const dying = engine.connect()
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
      const other = engine.connect()
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
