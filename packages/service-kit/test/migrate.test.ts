import assert from 'node:assert/strict'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, test } from 'node:test'
import { pathToFileURL } from 'node:url'
import { migrate } from '@mart/service-kit/migrate'
import { connectDatabase, type Database } from '@mart/service-kit/postgres'
import { createTestDatabase, eventually } from '@mart/service-kit/testing'

describe('migrations', () => {
  let database: Awaited<ReturnType<typeof createTestDatabase>>
  let db: Database
  let folder: string
  beforeEach(async () => {
    database = await createTestDatabase()
    db = connectDatabase(database.url, { max: 4, applicationName: 'test' })
    folder = mkdtempSync(join(tmpdir(), 'migrations-'))
  })
  afterEach(async () => {
    await db.end({ timeout: 5 })
    await database.drop()
    rmSync(folder, { recursive: true })
  })

  const write = (name: string, sql: string) => writeFileSync(join(folder, name), sql)
  const run = () => migrate(db, 'test', pathToFileURL(`${folder}/`))
  const numbers = async () => (await db<{ n: number }[]>`select n from once order by n`).map((row) => row.n)
  const ran = async () =>
    (await db<{ name: string }[]>`select name from migrations order by name`).map((row) => row.name)

  const oneAndTwo = () => {
    write('0001-a.sql', 'create table once (n int); insert into once values (1);')
    write('0002-b.sql', 'insert into once values (2);')
  }

  test('run once, in order, by two at once; one that was changed afterwards stops the start', async () => {
    oneAndTwo()
    await Promise.all([run(), run()])
    assert.deepEqual(await numbers(), [1, 2])
    write('0002-b.sql', 'insert into once values (3);')
    await assert.rejects(run(), /was changed after it had run/)
    assert.deepEqual(await numbers(), [1, 2])
  })

  test('are all undone when one fails, and leave the lock and the connection as they were', async () => {
    oneAndTwo()
    write('0003-c.sql', 'insert into nowhere values (3);')
    await assert.rejects(run(), /nowhere/)
    assert.deepEqual(await ran(), [])
    write('0003-c.sql', 'insert into once values (3);')
    await run()
    assert.deepEqual(await numbers(), [1, 2, 3])
  })

  const index = 'drop index concurrently if exists once_n; create index concurrently once_n on once (n);'
  const isWhole = async () =>
    (await db<{ indisvalid: boolean }[]>`select indisvalid from pg_index where indexrelid = to_regclass('once_n')`)[0]
      ?.indisvalid

  test('make an index beside a table that is written, while another replica waits', async () => {
    oneAndTwo()
    await run()
    write('0003-c.concurrently.sql', index.replace('; ', ';\n'))
    write('0004-d.sql', 'insert into once values (4);')
    // Who has written and not yet committed is waited for, and holds up nobody else who writes.
    const writer = await db.reserve()
    await writer`begin`
    await writer`insert into once values (10)`
    const both = Promise.all([run(), run()])
    await eventually(async () => (await isWhole()) === false, 'the index is being made')
    await db`insert into once values (11)`
    await writer`commit`
    writer.release()
    await both
    assert.equal(await isWhole(), true)
    assert.deepEqual(await numbers(), [1, 2, 4, 10, 11])
    assert.equal((await db<{ statement_timeout: string }[]>`show statement_timeout`)[0]?.statement_timeout, '15s')
  })

  test('make an index anew that broke off, and keep what ran before it', async () => {
    oneAndTwo()
    write('0003-c.concurrently.sql', 'create unique index concurrently once_n on once ((1))')
    await assert.rejects(run(), /unique|duplicate/)
    assert.deepEqual([await ran(), await isWhole()], [['0001-a.sql', '0002-b.sql'], false])
    write('0003-c.concurrently.sql', index.replace('; ', ';\n'))
    await run()
    assert.equal(await isWhole(), true)
  })
})
