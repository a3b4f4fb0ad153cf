import assert from 'node:assert/strict'
import { fork } from 'node:child_process'
import { once } from 'node:events'
import { chmodSync, existsSync, mkdirSync, readdirSync, statSync, writeFileSync } from 'node:fs'
import { createServer } from 'node:net'
import { dirname, join } from 'node:path'
import { test } from 'node:test'
import { eventually } from '@mart/service-kit/eventually'
import { temporaryFolder } from '@mart/service-kit/testing-folder'
import postgres from 'postgres'
import { lastWords } from '../src/postgres-folder.ts'
import { type PostgresServer, startPostgres, startThrowAwayPostgres } from '../src/postgres-server.ts'
import { startMark } from '../src/processes.ts'

const superuserPassword = 'secret'

test('what was written is there after a stop and a start, and the files are nobody else’s to read', async (t) => {
  const dataDir = join(temporaryFolder(), 'postgres')
  const first = await startPostgres({ dataDir, port: 0, superuserPassword })
  await query(first, 'create table kept as select 42 as answer')
  await first.stop()
  const second = await startPostgres({ dataDir, port: first.port, superuserPassword })
  t.after(second.stop)
  assert.deepEqual(await query(second, 'select answer from kept'), [{ answer: 42 }])
  assert.equal(statSync(dataDir).mode & 0o077, 0)
  assert.deepEqual(readdirSync(dirname(dataDir)).sort(), ['postgres', 'postgres.log'])
})

test('it runs below a folder that only its owner may enter', async (t) => {
  const closed = temporaryFolder()
  chmodSync(closed, 0o700)
  const server = await startPostgres({
    dataDir: join(closed, 'a/postgres'),
    port: 0,
    superuserPassword,
    durable: false,
  })
  t.after(server.stop)
  assert.deepEqual(await query(server, 'select 1 as one'), [{ one: 1 }])
})

test('it waits for the disk at each commit, and lets no wrong password in', async (t) => {
  const dataDir = join(temporaryFolder(), 'postgres')
  const server = await startPostgres({ dataDir, port: 0, superuserPassword })
  t.after(server.stop)
  const [settings] = await query(
    server,
    "select current_setting('fsync') as fsync, current_setting('synchronous_commit') as commit",
  )
  assert.deepEqual(settings, { fsync: 'on', commit: 'on' })
  const stranger = { ...server, superuserUrl: server.superuserUrl.replace(superuserPassword, 'guess') }
  await assert.rejects(query(stranger, 'select 1'), { code: '28P01' })
})

async function killedHolder(dataDir: string, meanwhile: (orphan: { pid: number; port: number }) => Promise<void>) {
  const holder = fork(join(import.meta.dirname, 'fixtures/hold-postgres.ts'), [dataDir])
  const [orphan] = (await once(holder, 'message')) as [{ pid: number; port: number }]
  await meanwhile(orphan)
  holder.kill('SIGKILL')
  await once(holder, 'exit')
  return orphan
}

test('a server whose process was killed ends by itself once nobody uses it', async () => {
  const { pid } = await killedHolder(join(temporaryFolder(), 'postgres'), async () => undefined)
  await eventually(async () => startMark(pid) === undefined, 'the server is gone')
})

test('a server left behind by a killed process, and in use, is stopped and the folder taken over', async (t) => {
  const dataDir = join(temporaryFolder(), 'postgres')
  const { pid: orphan } = await killedHolder(dataDir, async ({ port }) => {
    const user = postgres(`postgres://postgres:${superuserPassword}@127.0.0.1:${port}/postgres`, { max: 1 })
    t.after(() => user.end({ timeout: 1 }))
    await user`select 1`
  })
  assert.ok(startMark(orphan), 'the server waits for its user')

  const server = await startPostgres({ dataDir, port: 0, superuserPassword, durable: false })
  t.after(server.stop)
  assert.equal(startMark(orphan), undefined)
  assert.notEqual(server.pid, orphan)
})

test('a pid file that names a process of somebody else is no hindrance, and the process lives on', async (t) => {
  const dataDir = join(temporaryFolder(), 'postgres')
  const first = await startPostgres({ dataDir, port: 0, superuserPassword, durable: false })
  await first.stop()
  writeFileSync(join(dataDir, 'postmaster.pid'), `${process.pid}\n${dataDir}\n1\n1\n\n127.0.0.1\n\nready\n`)
  const second = await startPostgres({ dataDir, port: 0, superuserPassword, durable: false })
  t.after(second.stop)
  assert.deepEqual(await query(second, 'select 1 as one'), [{ one: 1 }])
})

test('a server that dies is started again when somebody wants to hear of it', async (t) => {
  const dataDir = join(temporaryFolder(), 'postgres')
  const lines: string[] = []
  const report = (line: string) => lines.push(line)
  const server = await startPostgres({ dataDir, port: 0, superuserPassword, report })
  t.after(server.stop)
  process.kill(server.pid, 'SIGKILL')
  await eventually(async () => lines.includes('PostgreSQL is up again'), 'PostgreSQL is up again')
  assert.equal(lines[0], 'PostgreSQL died (SIGKILL), starting it again')
  assert.deepEqual(await query(server, 'select 1 as one'), [{ one: 1 }])
})

test('a start that fails says what the system refused, not only what came of it', () => {
  const log = join(temporaryFolder(), 'postgres.log')
  const wordsOf = (...lines: string[]) => {
    writeFileSync(log, `${lines.map((line) => `2026-11-29 18:00:00.000 UTC [7] ${line}`).join('\n')}\n`)
    return lastWords(log)
  }
  const start = 'LOG:  starting PostgreSQL 18.4 on x86_64'
  const full = 'could not write to file "pg_wal/xlogtemp.9": No space left on device'
  const asTold = [start, `ERROR:  ${full}`, 'FATAL:  checkpoint request failed', 'HINT:  Consult recent messages.']
  assert.equal(wordsOf(...asTold), full)
  assert.equal(wordsOf(...asTold, start, 'FATAL:  lock file is there'), 'lock file is there')
  assert.equal(wordsOf(start, 'FATAL:  first', 'LOG:  x', 'FATAL:  second'), 'second')
  assert.equal(wordsOf('something else'), '2026-11-29 18:00:00.000 UTC [7] something else')
})

test('stopping a server that has died already does not hang', async () => {
  const dataDir = join(temporaryFolder(), 'postgres')
  const server = await startPostgres({ dataDir, port: 0, superuserPassword, durable: false })
  process.kill(server.pid, 'SIGKILL')
  await eventually(async () => startMark(server.pid) === undefined, 'the server is dead')
  await server.stop()
})

test('a folder of another version, of something else, and a taken port get one clear sentence each', async (t) => {
  const folder = temporaryFolder()
  const older = join(folder, 'older')
  mkdirSync(older)
  writeFileSync(join(older, 'PG_VERSION'), '16\n')
  const options = { port: 0, superuserPassword, durable: false }
  await assert.rejects(startPostgres({ ...options, dataDir: older }), {
    name: 'MartFault',
    message: /was made by PostgreSQL 16, and this is PostgreSQL 18: .*MART_DATA_DIR/,
  })

  const photos = join(folder, 'photos')
  mkdirSync(join(photos, 'summer'), { recursive: true })
  await assert.rejects(startPostgres({ ...options, dataDir: photos }), { message: /is no folder of PostgreSQL/ })

  const holder = createServer().listen(0, '127.0.0.1')
  await once(holder, 'listening')
  t.after(() => holder.close())
  const { port } = holder.address() as { port: number }
  await assert.rejects(startPostgres({ ...options, port, dataDir: join(folder, 'new') }), {
    name: 'MartFault',
    message: `Port ${port} (PostgreSQL) is taken: stop what listens there, or set MART_PORT_OFFSET.`,
  })
  assert.equal(existsSync(join(folder, 'new')), false)
})

test('a throw-away server leaves neither folder nor process', async () => {
  const server = await startThrowAwayPostgres()
  const [row] = await query(server, "select current_setting('data_directory') as folder")
  await server.stop()
  assert.equal(existsSync(dirname(row?.['folder'] as string)), false)
  assert.equal(startMark(server.pid), undefined)
})

async function query(server: Pick<PostgresServer, 'superuserUrl'>, text: string) {
  const db = postgres(server.superuserUrl, { max: 1 })
  try {
    return [...(await db.unsafe(text))].map((row) => ({ ...row }))
  } finally {
    await db.end()
  }
}
