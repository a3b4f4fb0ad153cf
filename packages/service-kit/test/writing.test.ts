import assert from 'node:assert/strict'
import { type TestContext, test } from 'node:test'
import { handlerTable, on } from '@mart/service-kit/handlers'
import type { Logger } from '@mart/service-kit/logger'
import { addToOutbox } from '@mart/service-kit/outbox'
import { connectDatabase, inTransaction } from '@mart/service-kit/postgres'
import { defineService } from '@mart/service-kit/start-service'
import { eventually, startTestService } from '@mart/service-kit/testing'
import { Happened, topic } from './outbox-fixture.ts'

const definition = defineService({
  name: 'writer',
  description: '',
  topic,
  settings: {},
  migrations: new URL('./', import.meta.url), // none
  prepare: async ({ db }) => {
    await db`create table if not exists things (id text primary key, heard int not null default 0)`
  },
  addRoutes(app, { db }) {
    app.post('/things', async (_, reply) => {
      await inTransaction(db, async (tx) => {
        const id = String(Math.random())
        await tx`insert into things (id) values (${id})`
        await addToOutbox(tx, Happened, { id, n: 1 })
      })
      return reply.code(201).send({})
    })
    app.get('/things', async () => await db`select count(*) from things`)
  },
  consumes: () =>
    handlerTable(
      [on(Happened, (tx, { data }) => tx`update things set heard = heard + 1 where id = ${data.id}`)],
      [Happened],
    ),
})

const cases = [
  { what: 'a full disk', code: '53100', reason: 'the disk of the database is full' },
  { what: 'a disk that fails', code: '58030', reason: 'the disk of the database does not work (58030)' },
]
for (const { what, code, reason } of cases) {
  test(`${what} is degraded with its reason, counted, logged once, and goes away by itself`, async (t) => {
    const writer = await startTestService(definition, { LOG_LEVEL: 'error' })
    t.after(writer.stop)
    const loud = loudLines(t, writer.service.logger)
    const { db } = writer.service
    const health = async () => (await writer.http('GET', '/health/ready')).body
    const metric = async () =>
      /^database_writes_failing\{.*\} (\d)/m.exec((await writer.http('GET', '/metrics')).body)?.[1]
    assert.equal((await health()).status, 'ready')
    assert.equal(await metric(), '0')

    await db.unsafe(`
      create function fails() returns trigger language plpgsql as
        $$ begin raise exception 'could not extend file' using errcode = '${code}'; end $$;
      create trigger fails before insert on things execute function fails();
      create trigger fails before insert on write_probe execute function fails();`)
    for (let n = 0; n < 30; n += 1) assert.equal((await writer.http('POST', '/things')).status, 503)
    const { status, checks, reason: told } = await health()
    assert.deepEqual([status, checks.writes, told], ['degraded', false, reason])
    assert.equal((await writer.http('GET', '/health/ready')).status, 200)
    assert.equal(await metric(), '1')
    assert.equal((await writer.http('GET', '/things')).status, 200)
    assert.deepEqual(loud(), [`writing fails: ${reason}`])

    await db.unsafe('drop trigger fails on things; drop trigger fails on write_probe')
    assert.equal((await writer.http('POST', '/things')).status, 201)
    await eventually(async () => (await health()).status === 'ready', 'it is ready again by itself')
    assert.equal(await metric(), '0')
    assert.deepEqual(loud(), [`writing fails: ${reason}`, 'writing works again'])
  })
}

test('a service that nobody asks for anything finds out by itself that its database only reads', async (t) => {
  const writer = await startTestService(definition)
  t.after(writer.stop)
  const admin = connectDatabase(writer.service.config.DATABASE_URL, { max: 1, applicationName: 'admin' })
  t.after(() => admin.end())
  const set = async (value: string) => {
    const [row] = await admin<{ name: string }[]>`select current_database() as name`
    await admin`set default_transaction_read_only = off`
    await admin.unsafe(`alter database ${row!.name} set default_transaction_read_only = ${value}`)
    await admin`select pg_terminate_backend(pid) from pg_stat_activity where application_name = 'writer'`
  }
  const health = async () => (await writer.http('GET', '/health/ready')).body
  await set('on')
  await eventually(async () => (await health()).status === 'degraded', 'it is degraded')
  assert.equal((await health()).reason, 'the database takes no writes, it only reads')
  assert.equal((await writer.http('POST', '/things')).status, 503)
  await set('off')
  await eventually(async () => (await health()).status === 'ready', 'it is ready again')
  assert.equal((await writer.http('POST', '/things')).status, 201)
})

/** The messages of lines that somebody is woken by, and of those that say that all is well again. */
function loudLines(t: TestContext, logger: Logger) {
  const calls = (['warn', 'error', 'info'] as const).map((level) => t.mock.method(logger, level).mock)
  return () =>
    calls.flatMap((mock, place) =>
      mock.calls
        .map(({ arguments: [first, second] }) => String(second ?? first))
        .filter((message) => place < 2 || message.includes('again')),
    )
}
