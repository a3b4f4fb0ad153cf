import assert from 'node:assert/strict'
import { randomBytes } from 'node:crypto'
import { after, before, beforeEach, describe, test } from 'node:test'
import { setTimeout as sleep } from 'node:timers/promises'
import { defineEvent, type Topic } from '@mart/contracts/events/define-event'
import { consumeRecords } from '@mart/service-kit/consumer'
import type { LogRecord } from '@mart/service-kit/event-log'
import { type ConsumedEvent, type HandlerTable, handlerTable, inGroups, on, onBatch } from '@mart/service-kit/handlers'
import { newId } from '@mart/service-kit/ids'
import { kitMigrations, migrate } from '@mart/service-kit/migrate'
import { countParked, dropParked, listParked, replayParked } from '@mart/service-kit/parked'
import { connectDatabase, type Database, inTransaction, isPassingFault } from '@mart/service-kit/postgres'
import { createTestDatabase, quietLogger as logger, recordOf } from '@mart/service-kit/testing'
import { Type } from 'typebox'

const topic: Topic = { name: 'mart.tests', producer: 'test', retention: 'days' }
const data = Type.Object({ id: Type.String(), n: Type.Integer() })
const Opened = defineEvent({ type: 'test.opened', version: 1, topic, key: 'id', data })
const Closed = defineEvent({ type: 'test.closed', version: 1, topic, key: 'id', data })
const Unheard = defineEvent({ type: 'test.unheard', version: 1, topic, key: 'id', data })

describe('hearing', () => {
  let db: Database
  let drop: () => Promise<void>
  let table: HandlerTable
  let fail: (event: ConsumedEvent) => Error | null
  let calls: string[]
  let offset = 0

  before(async () => {
    const database = await createTestDatabase()
    drop = database.drop
    db = connectDatabase(database.url, { max: 4, applicationName: 'test' })
    await migrate(db, 'service-kit', kitMigrations)
    await db`create table done (seq bigint generated always as identity, what text)`
  })
  after(async () => {
    await db.end()
    await drop()
  })
  beforeEach(async () => {
    await db`truncate done, inbox, parked, blocked_keys`
    fail = () => null
    calls = []
    const write = async (
      tx: Parameters<Parameters<typeof on>[1]>[0],
      event: ConsumedEvent<{ id: string; n: number }>,
    ) => {
      calls.push(`${event.type} ${event.data.n}`)
      const error = fail(event)
      if (error) throw error
      if (event.data.id.startsWith('race')) await tx`select pg_sleep(0.01)`
      await tx`insert into done (what) values (${`${event.type} ${event.key} ${event.data.n}`})`
    }
    table = handlerTable(
      [
        onBatch(Opened, async (tx, events) => {
          for (const event of events) await write(tx, event)
        }),
        on(Closed, write),
      ],
      [Opened, Closed, Unheard],
    )
  })

  const asLogRecord = (record: { key: string; value: string; headers: Record<string, string> }): LogRecord => ({
    topic: topic.name,
    partition: 0,
    offset: offset++,
    key: record.key,
    value: record.value,
    headers: record.headers,
  })
  const opened = (id: string, n: number) => asLogRecord(recordOf(Opened, { id, n }))
  const closed = (id: string, n: number) => asLogRecord(recordOf(Closed, { id, n }))
  const consume = (...records: LogRecord[]) =>
    consumeRecords({ db, table, logger, waitsBeforeParkingMs: [1, 1, 1, 1] }, records, new AbortController().signal)
  const done = async () => (await db<{ what: string }[]>`select what from done order by seq`).map((row) => row.what)

  test('an event that comes three times, twice in one batch, acts once', async () => {
    const record = opened('a', 1)
    await consume(record, record)
    await consume(record)
    assert.deepEqual(await done(), ['test.opened a 1'])
  })

  test('events of one key in one batch are handled in their order, also when their types alternate', async () => {
    await consume(opened('a', 1), closed('a', 2), opened('b', 3), opened('a', 4), closed('b', 5))
    const ofA = (await done()).filter((what) => what.includes(' a '))
    assert.deepEqual(ofA, ['test.opened a 1', 'test.closed a 2', 'test.opened a 4'])
    const ofB = (await done()).filter((what) => what.includes(' b '))
    assert.deepEqual(ofB, ['test.opened b 3', 'test.closed b 5'])
  })

  test('events of one type are grouped over other keys as far as the order of each key allows', () => {
    const heard = [opened('a', 1), closed('a', 2), opened('b', 3), opened('a', 4)].map((record) => {
      const handler = table.handlers.get(record.headers['ce_type']!)!
      const event = {
        id: newId(),
        type: handler.event.type,
        topic: topic.name,
        key: record.key!,
        at: new Date(),
        data: record.value,
      }
      return { kind: 'consumable' as const, record, handler, event }
    })
    assert.deepEqual(
      inGroups(heard).map((group) => group.events.map((event) => event.key)),
      [['a', 'b'], ['a'], ['a']],
    )
  })

  test('a poison message in a batch is found and parked, the rest goes on, later events of its key wait behind it', async () => {
    fail = (event) => ((event.data as { n: number }).n === 2 ? new Error('poison') : null)
    await consume(opened('a', 1), opened('p', 2), opened('b', 3), closed('p', 4), closed('a', 5))
    await consume(closed('p', 6))
    assert.deepEqual((await done()).toSorted(), ['test.closed a 5', 'test.opened a 1', 'test.opened b 3'])
    const parked = await listParked(db, { limit: 10, afterSeq: 0 })
    assert.deepEqual(
      parked.map((one) => [one.event.type, one.blocked_behind_it]),
      [
        ['test.opened', 2],
        ['test.closed', 1],
        ['test.closed', 0],
      ],
    )
    assert.match(parked[0]!.error, /poison/)
  })

  test('a replay runs the oldest of the key first and everything behind it, and frees the key', async () => {
    let poisoned = true
    fail = (event) => (poisoned && (event.data as { n: number }).n === 1 ? new Error('poison') : null)
    await consume(opened('p', 1), closed('p', 2))
    const parked = await listParked(db, { limit: 10, afterSeq: 0 })
    await assert.rejects(replayParked(db, table, parked[1]!.id), { status: 409, code: 'replay_failed' })
    assert.equal(await countParked(db), 2)

    poisoned = false
    assert.deepEqual(await replayParked(db, table, parked[1]!.id), { replayed: 2 })
    await consume(opened('p', 3))
    assert.deepEqual(await done(), ['test.opened p 1', 'test.closed p 2', 'test.opened p 3'])
    assert.equal(await countParked(db), 0)
  })

  test('dropping the head of a key lets the rest follow', async () => {
    fail = (event) => ((event.data as { n: number }).n === 1 ? new Error('poison') : null)
    await consume(opened('p', 1), closed('p', 2))
    const [head] = await listParked(db, { limit: 1, afterSeq: 0 })
    await dropParked(db, table, { id: head!.id, by: 'someone', note: 'known to be wrong' })
    assert.deepEqual(await done(), ['test.closed p 2'])
    assert.equal(await countParked(db), 0)
  })

  test('a message is dropped also when what waits behind it still fails, and that one stays parked', async () => {
    fail = (event) => (event.type === 'test.opened' ? new Error('poison') : null)
    await consume(opened('p', 1), opened('p', 2), closed('p', 3))
    const [head] = await listParked(db, { limit: 1, afterSeq: 0 })
    await dropParked(db, table, { id: head!.id, by: 'someone', note: 'known to be wrong' })
    assert.deepEqual(await done(), [])
    assert.equal(await countParked(db), 2)
  })

  test('a replay and a parking of the same key at the same moment lose nothing', async () => {
    for (let round = 0; round < 20; round += 1) {
      const key = `race-${round}`
      let poisoned = true
      fail = (event) => (poisoned && (event.data as { n: number }).n === 1 ? new Error('poison') : null)
      await consume(opened(key, 1))
      poisoned = false
      const [head] = await listParked(db, { limit: 1, afterSeq: 0 })
      await Promise.all([replayParked(db, table, head!.id), sleep(round).then(() => consume(closed(key, 2)))])
      const lost = await db`
        select from parked p where blocks_key and not exists (select from blocked_keys where topic = p.topic and key = p.key)`
      assert.equal(lost.length, 0, 'a message waits behind a key that nothing blocks')
      for (const left of await listParked(db, { limit: 10, afterSeq: 0 })) await replayParked(db, table, left.id)
      const ofKey = (await done()).filter((what) => what.includes(` ${key} `))
      assert.deepEqual(ofKey, [`test.opened ${key} 1`, `test.closed ${key} 2`])
    }
    assert.equal((await db`select from blocked_keys`).length, 0)
  })

  test('a fault of the database is waited out and parks nothing', async () => {
    let faults = 3
    fail = () => (faults-- > 0 ? Object.assign(new Error('deadlock'), { code: '40P01' }) : null)
    await consume(opened('a', 1))
    assert.deepEqual(await done(), ['test.opened a 1'])
    assert.equal(await countParked(db), 0)
  })

  test('a database that has no name or no route for a while, or ended an idle transaction, is a fault to wait out', () => {
    for (const code of ['ENOTFOUND', 'EAI_AGAIN', 'EHOSTUNREACH', 'ENETUNREACH', '25P03']) {
      assert.ok(isPassingFault(Object.assign(new Error('away'), { code })), code)
    }
  })

  test('waiting out a fault ends when nobody waits for the batch any more', async () => {
    fail = () => Object.assign(new Error('gone'), { code: 'ECONNREFUSED' })
    const giveUp = new AbortController()
    setTimeout(() => giveUp.abort(), 300)
    await assert.rejects(consumeRecords({ db, table, logger }, [opened('a', 1)], giveUp.signal), { name: 'AbortError' })
    assert.equal(await countParked(db), 0)
  })

  test('a type that is not heard and a higher version of a known type pass', async () => {
    const newer = opened('a', 1)
    const withVersion = {
      ...newer,
      headers: { ...newer.headers, ce_dataschema: 'https://ai-mart.example/events/test.opened/9' },
    }
    await consume(asLogRecord(recordOf(Unheard, { id: 'a', n: 7 })), {
      ...withVersion,
      value: '{"id":"a","n":1,"more":true}',
    })
    assert.deepEqual(await done(), ['test.opened a 1'])
    assert.equal(await countParked(db), 0)
  })

  const broken: [string, (record: LogRecord) => LogRecord][] = [
    ['broken JSON', (record) => ({ ...record, value: '{"id":' })],
    ['missing headers', (record) => ({ ...record, headers: {} })],
    ['an id that is no UUID', (record) => ({ ...record, headers: { ...record.headers, ce_id: '17' } })],
    [
      'a type that nobody defined',
      (record) => ({ ...record, headers: { ...record.headers, ce_type: 'test.unknown' } }),
    ],
    ['a time that is none', (record) => ({ ...record, headers: { ...record.headers, ce_time: 'soon' } })],
    ['a NUL character', (record) => ({ ...record, value: 'a\u0000b' })],
    ['a NUL character in its key', (record) => ({ ...record, key: 'a\u0000b', value: 'x' })],
    ['a key of 100 kB', (record) => ({ ...record, key: randomBytes(50_000).toString('hex'), value: 'x' })],
    [
      'a NUL character in its type',
      (record) => ({ ...record, headers: { ...record.headers, ce_type: `test.${'\u0000'}` } }),
    ],
    ['no value at all', (record) => ({ ...record, value: null })],
    ...[17, true, null, ['x'], { x: 1 }, Buffer.from('x')].flatMap((odd) =>
      ['ce_id', 'ce_type', 'ce_time'].map((name): [string, (record: LogRecord) => LogRecord] => [
        `a header ${name} that is ${JSON.stringify(odd)}`,
        (record) => ({ ...record, headers: { ...record.headers, [name]: odd as unknown as string } }),
      ]),
    ),
    ...[['x'], 'x', 17, null].map((odd): [string, (record: LogRecord) => LogRecord] => [
      `headers that are ${JSON.stringify(odd)}`,
      (record) => ({ ...record, headers: odd as unknown as Record<string, string> }),
    ]),
  ]
  for (const [what, break_] of broken) {
    test(`${what}: parked once, blocking no key`, async () => {
      const bad = break_(opened('a', 1))
      await consume(bad, opened('a', 2))
      await consume(bad)
      assert.deepEqual(await done(), ['test.opened a 2'])
      assert.equal(await countParked(db), 1)
    })
  }

  test('what was parked with headers that are no texts is refused when it is replayed, and stays', async () => {
    const parkedHeaders = ['{"ce_id":17,"ce_type":["x"],"ce_time":5}', '[]', 'null', '{"ce_id":']
    await consume({ ...opened('a', 1), value: 'x' })
    const [parked] = await listParked(db, { limit: 1, afterSeq: 0 })
    for (const headers of parkedHeaders) {
      await db`update parked set headers = ${headers}`
      await assert.rejects(replayParked(db, table, parked!.id), { status: 409, code: 'replay_failed' })
    }
    assert.equal(await countParked(db), 1)
  })

  test('an id that comes again in one batch with other data says nothing new', async () => {
    const first = opened('a', 1)
    await consume(first, asLogRecord({ ...first, key: 'a', value: '{"id":"a","n":"no number"}' }))
    assert.deepEqual(await done(), ['test.opened a 1'])
    assert.equal(await countParked(db), 0)
  })

  test('batches of nothing, and of more than a statement has room for, are heard', async () => {
    await consume()
    const many = Array.from({ length: 1_000 }, (_, n) => opened(`key-${n}`, n))
    await consume(...many)
    assert.equal((await done()).length, 1_000)
  })

  test('a type on a topic not its own is parked', async () => {
    await consume({ ...opened('a', 1), topic: 'mart.others' })
    assert.equal(await countParked(db), 1)
  })

  test('a known type with a wrong field is parked and blocks its key', async () => {
    const record = opened('a', 1)
    await consume({ ...record, value: '{"id":"a","n":"one"}' }, opened('a', 2), opened('b', 3))
    assert.deepEqual(await done(), ['test.opened b 3'])
    assert.equal(await countParked(db), 2)
  })

  test('a key that no text column takes can be blocked and replayed like any other', async () => {
    let poisoned = true
    fail = () => (poisoned ? new Error('poison') : null)
    const strange = `a\u0000${randomBytes(5_000).toString('hex')}`
    await consume({ ...opened('a', 1), key: strange })
    await consume({ ...closed('a', 2), key: strange })
    poisoned = false
    const [head] = await listParked(db, { limit: 1, afterSeq: 0 })
    assert.deepEqual(await replayParked(db, table, head!.id), { replayed: 2 })
    assert.equal((await db`select from blocked_keys`).length, 0)
  })

  test('an event and its effect are one: when the transaction rolls back, the event was not heard', async () => {
    const record = opened('a', 1)
    await assert.rejects(
      inTransaction(db, async (tx) => {
        await tx`insert into inbox (topic, event_id) values (${topic.name}, ${record.headers['ce_id']!})`
        throw new Error('crash')
      }),
    )
    await consume(record)
    assert.deepEqual(await done(), ['test.opened a 1'])
  })
})
