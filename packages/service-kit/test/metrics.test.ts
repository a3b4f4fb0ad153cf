import assert from 'node:assert/strict'
import { after, before, describe, test } from 'node:test'
import { defineEvent, type Topic } from '@mart/contracts/events/define-event'
import { consumeRecords } from '@mart/service-kit/consumer'
import { measureDatabase } from '@mart/service-kit/database-metrics'
import { eventDelay } from '@mart/service-kit/event-metrics'
import { handlerTable, on } from '@mart/service-kit/handlers'
import { newId } from '@mart/service-kit/ids'
import { defineInstrument, record, registerInstruments } from '@mart/service-kit/instruments'
import { createMetrics, defineGauges, type Metrics, measure } from '@mart/service-kit/metrics'
import { kitMigrations, migrate } from '@mart/service-kit/migrate'
import { connectDatabase, type Database, onceCommitted } from '@mart/service-kit/postgres'
import { defineService } from '@mart/service-kit/start-service'
import {
  createTestDatabase,
  eventually,
  quietLogger as logger,
  recordOf,
  startTestService,
} from '@mart/service-kit/testing'
import { readMetric } from '@mart/service-kit/testing-metrics'
import { Type } from 'typebox'
import { Happened, topic as happenings } from './outbox-fixture.ts'

const topic: Topic = { name: 'mart.tests', producer: 'test', retention: 'days' }
const Opened = defineEvent({
  type: 'test.opened',
  version: 1,
  topic,
  key: 'id',
  data: Type.Object({ id: Type.String() }),
})
const doors = defineInstrument({
  name: 'doors_total',
  help: 'Doors',
  labels: ['colour'],
  zeros: [{ colour: 'red' }, { colour: 'green' }],
})

const asTold = ({ registry }: Metrics) => ({
  http: async () => ({ body: await registry.metrics() }),
})

describe('what a service records', () => {
  let db: Database
  let drop: () => Promise<void>
  let metrics: Metrics
  before(async () => {
    const database = await createTestDatabase()
    drop = database.drop
    db = connectDatabase(database.url, { max: 4, applicationName: 'test' })
    await migrate(db, 'service-kit', kitMigrations)
    metrics = createMetrics('test')
    registerInstruments(db, metrics, [eventDelay, doors])
  })
  after(async () => {
    await db.end()
    await drop()
  })

  test('counts once what a handler did, though it is run again after a rollback, and tells how old the event was', async () => {
    let tries = 0
    const table = handlerTable(
      [
        on(Opened, async (tx) => {
          onceCommitted(tx, (committed) => record(committed, doors, [{ colour: 'red' }]))
          tries += 1
          if (tries < 3) await tx`do $$ begin raise exception 'made to fail' using errcode = '40001'; end $$`
        }),
      ],
      [Opened],
    )
    const { headers, ...rest } = recordOf(Opened, { id: newId() })
    const minuteAgo = { ...headers, ce_time: new Date(Date.now() - 60_000).toISOString() }
    const said = { ...rest, headers: minuteAgo, topic: topic.name, partition: 0, offset: 0 }
    for (const _ of ['once', 'and again'])
      await consumeRecords({ db, table, logger }, [said], new AbortController().signal)
    assert.equal(tries, 3)
    assert.equal(await readMetric(asTold(metrics), 'doors_total', { colour: 'red' }), 1)
    assert.equal(await readMetric(asTold(metrics), 'doors_total', { colour: 'green' }), 0)
    assert.equal(await readMetric(asTold(metrics), 'event_delay_seconds_count', { event_type: 'test.opened' }), 1)
    const delay = await readMetric(asTold(metrics), 'event_delay_seconds_sum', { event_type: 'test.opened' })
    assert.ok(delay >= 60 && delay < 120, `${delay} s`)
  })

  test('adds up what came together, sums of money too, and is no concern of a database that nobody watches', async () => {
    record(db, doors, [{ colour: 'blue' }, { colour: 'blue', value: 40 }, { colour: 'green' }])
    assert.equal(await readMetric(asTold(metrics), 'doors_total', { colour: 'blue' }), 41)
    const stranger = connectDatabase('postgres://nobody@127.0.0.1:1/none', { max: 1, applicationName: 'test' })
    record(stranger, doors, [{ colour: 'blue' }])
    assert.equal(await readMetric(asTold(metrics), 'doors_total', { colour: 'blue' }), 41)
  })
})

describe('gauges', () => {
  test('that are read together are read once, however many scrape, and a value of before is not told again', async () => {
    const metrics = createMetrics('test')
    let readings = 0
    let rooms: Record<string, number> = { kitchen: 1 }
    measure(
      metrics,
      defineGauges({
        shared: true,
        gauges: { lights: { help: 'Lights' }, lights_of_room: { help: 'Lights by room', label: 'room' } },
        async read() {
          readings += 1
          return { lights: 3, lights_of_room: rooms }
        },
      }),
    )
    const [told] = await Promise.all([metrics.registry.metrics(), metrics.registry.metrics()])
    assert.equal(readings, 1)
    assert.match(told, /^# HELP lights Lights\. Every replica tells the same\.$/m)
    assert.match(told, /^lights\{service="test"\} 3$/m)
    rooms = { attic: 2 }
    const next = await metrics.registry.metrics()
    assert.match(next, /^lights_of_room\{room="attic",service="test"\} 2$/m)
    assert.doesNotMatch(next, /kitchen/)
  })

  test('that cannot be read are NaN or not there, and are told to be failing', async () => {
    const metrics = createMetrics('test')
    let isAway = false
    measure(
      metrics,
      defineGauges({
        gauges: { lights: { help: 'Lights' }, lights_of_room: { help: 'Lights by room', label: 'room' } },
        read: async () => {
          if (isAway) throw new Error('away')
          return { lights: 3, lights_of_room: { kitchen: 1 } }
        },
      }),
      { name: 'lights_failing', help: 'no light' },
    )
    assert.equal(await readMetric(asTold(metrics), 'lights_failing'), 0)
    isAway = true
    assert.equal(await readMetric(asTold(metrics), 'lights_failing'), 1)
    assert.deepEqual(await readMetric(asTold(metrics), 'lights'), Number.NaN)
    assert.doesNotMatch(await metrics.registry.metrics(), /kitchen/)
  })
})

test('a database and an event log that are away are told at /metrics, which is answered all the same', async (t) => {
  const service = await startTestService(
    defineService({
      name: 'test',
      description: '',
      topic: happenings,
      settings: {},
      migrations: new URL('./', import.meta.url), // none
      addRoutes: () => undefined,
      consumes: () => handlerTable([on(Happened, async () => undefined)], [Happened]),
    }),
  )
  t.after(service.stop)
  const { DATABASE_URL, EVENT_LOG_URL } = service.service.config
  const server = connectDatabase(process.env['TEST_POSTGRES_URL']!, { max: 1, applicationName: 'admin' })
  t.after(() => server.end())
  const open = async (url: string, isOpen: boolean) => {
    const name = new URL(url).pathname.slice(1)
    await server.unsafe(`alter database ${name} with allow_connections ${isOpen}`)
    if (!isOpen) await server`select pg_terminate_backend(pid) from pg_stat_activity where datname = ${name}`
  }
  const becomes = (name: string, value: number) =>
    eventually(async () => Object.is(await readMetric(service, name), value), `${name} is ${value}`)

  await service.consume(Happened, { id: 'a', n: 1 })
  for (const name of ['database_reads_failing', 'event_log_failing', 'outbox_messages', 'consumer_lag_messages'])
    await becomes(name, 0)
  assert.equal(await readMetric(service, 'database_pool_connections'), 4)
  assert.ok((await readMetric(service, 'database_connections_busy')) >= 1)

  await open(DATABASE_URL, false)
  await becomes('database_reads_failing', 1)
  await becomes('outbox_messages', Number.NaN)
  await becomes('event_log_failing', 0)
  await open(DATABASE_URL, true)
  await becomes('database_reads_failing', 0)

  await open(EVENT_LOG_URL, false)
  await becomes('event_log_failing', 1)
  await becomes('consumer_lag_messages', Number.NaN) // no line
  await becomes('outbox_messages', 0)
  await open(EVENT_LOG_URL, true)
  await becomes('event_log_failing', 0)
})

describe('what PostgreSQL keeps about a database', () => {
  let db: Database
  let drop: () => Promise<void>
  const metrics = createMetrics('test')
  const told = (name: string, labels = {}) => readMetric(asTold(metrics), name, labels)
  const cups = { table: 'cups' }
  before(async () => {
    const database = await createTestDatabase()
    drop = database.drop
    db = connectDatabase(database.url, { max: 4, applicationName: 'test' })
    await db`create table cups (id int primary key, colour text) with (autovacuum_enabled = off)`
    measureDatabase(metrics, db, { after: async () => undefined })
  })
  after(async () => {
    await db.end()
    await drop()
  })

  test('is told: rows that live and that lie dead, sizes, when a table was vacuumed', async () => {
    await db`insert into cups select n, repeat('blue', 50) from generate_series(1, 2000) n`
    await db`delete from cups where id <= 500`
    // Each connection hands in what it has done by and by.
    await eventually(async () => (await told('database_dead_rows', cups)) === 500, 'dead rows')
    await eventually(async () => (await told('database_live_rows', cups)) === 1_500, 'rows that live')
    await db`analyze cups`
    assert.equal(await told('database_vacuum_age_seconds', cups), Number.NaN)
    const [size] = await db`select pg_total_relation_size('cups') as bytes, pg_database_size(current_database()) as all`
    const noted = await told('database_table_bytes', cups)
    assert.ok(noted > 0.8 * size!['bytes'] && noted <= size!['bytes'], `${noted} of ${size!['bytes']} bytes`)
    assert.ok(Math.abs((await told('database_size_bytes')) - size!['all']) < 1_000_000)
    await db`vacuum cups`
    await eventually(async () => (await told('database_dead_rows', cups)) === 0, 'no dead rows')
    assert.ok((await told('database_vacuum_age_seconds', cups)) < 60)
  })

  test('is told of the server too', async () => {
    const figures = ['commits_total', 'blocks_hit_total', 'server_wal_bytes_total', 'server_connections']
    for (const name of figures) assert.ok((await told(`database_${name}`)) > 0, name)
    const [{ most, age }] = (await db`
      select current_setting('max_connections')::int as most, age(datfrozenxid) as age
      from pg_database where datname = current_database()`) as unknown as [{ most: number; age: number }]
    assert.equal(await told('database_server_connections_most'), most)
    assert.ok((await told('database_transaction_id_age')) >= age)
  })

  test('is told while a table is locked, with the age of the transaction that locks it', async () => {
    await db.begin(async (tx) => {
      await tx`lock table cups in access exclusive mode`
      await eventually(
        async () => (await told('database_oldest_transaction_seconds')) > 0.3,
        'the transaction gets old',
      )
      assert.equal(await told('database_live_rows', cups), 1_500)
    })
    await eventually(async () => (await told('database_oldest_transaction_seconds')) < 0.3, 'it is over')
  })
})
